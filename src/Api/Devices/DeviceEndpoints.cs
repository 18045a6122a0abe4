using SessionCluster.Api.Users;

namespace SessionCluster.Api.Devices;

/// <summary>The known devices of users.</summary>
internal static class DeviceRoutes
{
    private const string Root = "/api/v3/users/{pk}/devices/";

    public static void MapDevices(this Routes routes)
    {
        var devices = routes.Make<DeviceEndpoints>();
        routes.Get(Root, Access.ServiceOrSession(Roles.Manage), UserPath.Of(devices.List));
        routes.Delete(Root + "{uuid}/", Access.ServiceOrSession(Roles.Manage), UserPath.Of(devices.Forget));
    }
}

/// <summary><c>/api/v3/users/{pk}/devices/</c>: the browsers that a user is known on.</summary>
internal sealed class DeviceEndpoints(IGrainFactory grains)
{
    /// <summary>The known devices, latest login first, as a page.</summary>
    public Task List(HttpContext context, Caller caller, UserId user) => PageRequest.Answer(
        context,
        (_, _) => grains.User(user),
        async (page, grain) => await PageAnswer.WriteSlice(context, page, await grain.Devices(), Fill));

    /// <summary>Forgets a device: the next login from it is from an unknown one.</summary>
    public async Task Forget(HttpContext context, Caller caller, UserId user)
    {
        var known = PathSegment.TryDevice(context, out var device)
            && await grains.User(user).ForgetDevice(device);
        if (!known)
        {
            await ProblemAnswer.Write(context, Problem.NotFound, "The user is not known on such a device.");
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static void Fill(Utf8JsonWriter writer, DeviceInfo device)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid"u8, device.Id.Value);
        writer.WriteTime("created"u8, device.Created);
        writer.WriteTime("last_login"u8, device.LastLogin);
        writer.WriteTime("expires"u8, device.Expires);
        writer.WriteString("last_ip"u8, device.LastIp);
        writer.WriteString("last_user_agent"u8, device.UserAgent);
        writer.WriteEndObject();
    }
}
