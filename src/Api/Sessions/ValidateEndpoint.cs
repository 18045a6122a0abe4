using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Input;
using SessionCluster.Api.Problems;
using SessionCluster.Api.Tokens;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Sessions;

/// <summary><c>POST /api/v3/sessions/validate/</c>: whether a token's session may be used by a client, now.</summary>
internal sealed class ValidateEndpoint(IGrainFactory grains, SessionTokens tokens)
{
    private static readonly ReadOnlyMemory<byte> Malformed = """{"active":false,"reason":"malformed"}"""u8.ToArray();

    public async Task Validate(HttpContext context, Caller caller)
    {
        ClientFacts? client;
        SessionId session;
        bool wellFormed;
        using (var body = await BodyReader.Read(context))
        {
            if (body is null)
            {
                return;
            }

            // Every string is a token here; one that is too long is merely not ours.
            var token = body.Root.Text("token", BodyReader.MaxBytes);
            client = ClientFields.Read(body.Root, context);
            if (body.Errors.Any || client is null)
            {
                await ProblemAnswer.Invalid(context, body.Errors);
                return;
            }

            wellFormed = tokens.TryRead(token, out session);
        }

        if (!wellFormed)
        {
            await JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, Malformed);
            return;
        }

        var result = await grains.GetGrain<ISessionGrain>(session.GrainKey).Validate(new ValidateCommand(client));
        await JsonAnswer.Write(context, StatusCodes.Status200OK, result, Fill);
    }

    private static void Fill(Utf8JsonWriter writer, ValidateResult result)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("active"u8, result.IsActive);
        if (result.IsActive)
        {
            LiveSession.WriteMembers(writer, result.Session, current: false, toService: true);
        }
        else
        {
            writer.WriteString("reason"u8, JsonForms.ReasonName(result.Status));
            if (result.Binding is { } binding)
            {
                writer.WriteBinding("binding"u8, binding);
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>What validate and current say of a live session.</summary>
internal static class LiveSession
{
    /// <summary>Writes session, user and data.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, SessionInfo session, bool current, bool toService)
    {
        writer.WritePropertyName("session"u8);
        SessionJson.Write(writer, session, current, withData: toService);
        SessionJson.WriteUser(writer, "user"u8, session.User);
        writer.WriteStored("data"u8, session.DataJson);
    }
}
