namespace SessionCluster.Api.Pages.Console;

/// <summary><c>/admin/stages/</c>: list, make, change and delete User Login stages. The fields are read by the API's own form.</summary>
internal sealed class StagePages(IGrainFactory grains, ConnectionClient connection, ConsoleGate gate)
{
    private static readonly string[] Texts = ["name", "session_duration", "remember_me_offset", "remember_device", "network_binding", "geoip_binding"];

    private const string Terminate = "terminate_other_sessions";

    public async Task List(HttpContext context, ApiKey key)
    {
        var done = context.Request.Query["done"] == "deleted" ? "The stage is deleted. Sessions that it made live on." : null;
        await PageWriter.Write(context, StageList.Create(new StagesModel(await grains.Stages().List(), done, gate.FrameOf(key, "Stages", ConsolePlace.Stages))));
    }

    public Task New(HttpContext context, ApiKey key) => Show(context, key, null, Values(StageInfo.New(Guid.Empty, "")), new FieldErrors(), null);

    public async Task Create(HttpContext context, ApiKey key) => await Save(context, key, null, StageInfo.New(RandomUuid.Next(), ""));

    public Task One(HttpContext context, ApiKey key) => Of(context, stage =>
        Show(context, key, stage, Values(stage), new FieldErrors(), context.Request.Query["done"] == "saved" ? "Saved. New logins have these settings; live sessions keep theirs." : null));

    public Task Update(HttpContext context, ApiKey key) => Of(context, stage => Save(context, key, stage, stage));

    public Task Delete(HttpContext context, ApiKey key) => Of(context, async stage =>
    {
        await grains.Stages().Delete(stage.Pk, By(context, key));
        PageWriter.See(context, "/admin/stages/?done=deleted");
    });

    private ChangedBy By(HttpContext context, ApiKey key) => new(key.Name, connection.Facts(context));

    private async Task Of(HttpContext context, Func<StageInfo, Task> page)
    {
        var stage = PathSegment.TryGuid(context, "pk", out var pk) ? await grains.Stage(pk) : null;
        await (stage is not null
            ? page(stage)
            : ErrorPage.Write(context, StatusCodes.Status404NotFound, "There is no such stage", "Somebody may have deleted it meanwhile. Nothing was changed.", ("/admin/stages/", "Stages")));
    }

    private async Task Save(HttpContext context, ApiKey key, StageInfo? before, StageInfo given)
    {
        var form = await FormFields.Read(context);
        var values = Texts.ToDictionary(name => name, name => form.One(name) ?? "");
        values[Terminate] = form.One(Terminate) == "true" ? "true" : "false";
        var errors = new FieldErrors();
        using var body = JsonSerializer.SerializeToDocument(
            values.ToDictionary(pair => pair.Key, object (pair) => pair.Key == Terminate ? pair.Value == "true" : pair.Value));
        JsonText.Check(body.RootElement, errors);
        var stage = StageForm.Read(new ObjectReader(body.RootElement, "", errors), given, nameRequired: true);
        var outcome = errors.Any ? StageSaveOutcome.Saved : await grains.Stages().Save(new StageSave(stage, before, By(context, key)));
        switch (outcome)
        {
            case StageSaveOutcome.NameTaken:
                errors.Add("name", "Another stage has this name.");
                break;
            case StageSaveOutcome.TooMany:
                errors.Add("name", "There are as many stages as can be; delete one first.");
                break;
            case StageSaveOutcome.Changed:
                await ErrorPage.Write(
                    context, StatusCodes.Status409Conflict, "It changed meanwhile", "Somebody else saved this stage in the same moment. Nothing of yours was saved.", ($"/admin/stages/{stage.Pk}/", "Look at it"));
                return;
            case StageSaveOutcome.NotFound:
                await ErrorPage.Write(context, Problem.NotFound);
                return;
        }

        if (errors.Any)
        {
            await Show(context, key, before, values, errors, null);
            return;
        }

        PageWriter.See(context, $"/admin/stages/{stage.Pk}/?done=saved");
    }

    private Task Show(HttpContext context, ApiKey key, StageInfo? stage, Dictionary<string, string> values, FieldErrors errors, string? done)
    {
        var faults = Texts.Append(Terminate).Where(name => errors.Of(name).Count > 0).ToDictionary(name => name, name => errors.Of(name)[0]);
        var title = stage is null ? "New stage" : $"Stage {CallerText.Isolated(stage.Name)}";
        var frame = gate.FrameOf(key, faults.Count > 0 ? "Error: " + title : title, ConsolePlace.Stages);
        return PageWriter.Write(
            context, Stage.Create(new StageModel(stage, values, faults, stage is null ? [] : Warnings(stage), done, frame)),
            faults.Count > 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }

    /// <summary>What is allowed and hardly meant.</summary>
    internal static List<string> Warnings(StageInfo stage)
    {
        var warnings = new List<string>();
        if (stage.SessionDuration.Value == TimeSpan.Zero && stage.Prompts)
        {
            warnings.Add("People are asked whether to stay signed in, but the session duration is zero: whoever says no is signed out when the browser is closed, whoever says yes after the time of \"Stay signed in\" alone.");
        }

        if (stage.RememberDevice.Value < TimeSpan.FromSeconds(1))
        {
            warnings.Add("No device is remembered, so nearly every login counts as one from a new device.");
        }

        if (stage.NetworkBinding == NetworkBinding.AsnNetworkIp && stage.Prompts)
        {
            warnings.Add("Sessions that may last long are bound to one address: phones change theirs all the time, and are then signed out.");
        }

        return warnings;
    }

    private static Dictionary<string, string> Values(StageInfo stage) => new()
    {
        ["name"] = stage.Name,
        ["session_duration"] = stage.SessionDuration.ToString(),
        ["remember_me_offset"] = stage.RememberMeOffset.ToString(),
        ["remember_device"] = stage.RememberDevice.ToString(),
        ["network_binding"] = BindingNames.Of(stage.NetworkBinding),
        ["geoip_binding"] = BindingNames.Of(stage.GeoIpBinding),
        [Terminate] = stage.TerminateOtherSessions ? "true" : "false",
    };
}
