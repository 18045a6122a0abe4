namespace SessionCluster.Api.Stages;

/// <summary>User Login stages.</summary>
internal static class StageRoutes
{
    private const string Root = "/api/v3/stages/user_login/";

    public static void MapStages(this Routes routes)
    {
        var stages = routes.Make<StageEndpoints>();
        var manage = Access.Service(Roles.Manage);
        routes.Get(Root, manage, stages.List);
        routes.Post(Root, manage, stages.Create);
        routes.Get(Root + "{pk}/", manage, stages.Of(StageEndpoints.Get));
        routes.PutOrPatch(Root + "{pk}/", manage, stages.Of(stages.Update));
        routes.Delete(Root + "{pk}/", manage, stages.Of(stages.Delete));
        routes.Get(Root + "{pk}/used_by/", manage, stages.Of(StageEndpoints.UsedBy));
    }
}

/// <summary><c>/api/v3/stages/user_login/</c>: the User Login stages, as authentik has them.</summary>
internal sealed class StageEndpoints(IGrainFactory grains, ConnectionClient connection)
{
    /// <summary>By what lists are filtered and ordered, in authentik's names.</summary>
    private static readonly Dictionary<string, Func<StageInfo, IComparable>> Fields = new()
    {
        ["name"] = stage => stage.Name,
        ["pk"] = stage => stage.Pk,
        ["stage_uuid"] = stage => stage.Pk,
        ["session_duration"] = stage => stage.SessionDuration.ToString(),
        ["remember_me_offset"] = stage => stage.RememberMeOffset.ToString(),
        ["remember_device"] = stage => stage.RememberDevice.ToString(),
        ["terminate_other_sessions"] = stage => stage.TerminateOtherSessions,
        ["network_binding"] = stage => BindingNames.Of(stage.NetworkBinding),
        ["geoip_binding"] = stage => BindingNames.Of(stage.GeoIpBinding),
    };

    private IStageCatalogGrain Catalog => grains.Stages();

    public Task List(HttpContext context, Caller caller) => PageRequest.Answer(
        context,
        (_, errors) => ListFilter.Read(new QueryReader(context.Request.Query, errors), errors, "Stages", Fields, StageInfo.New(Guid.Empty, ""), StringComparison.Ordinal),
        async (page, sift) => await PageAnswer.WriteSlice(context, page, [.. sift((await Catalog.List()).OrderBy(stage => stage.Name, StringComparer.Ordinal), stage => [stage.Name])], (writer, stage) => Json(stage).WriteTo(writer)));

    /// <summary>An endpoint that is asked about the stage of its path; 404 when there is none.</summary>
    public Func<HttpContext, Caller, Task> Of(Func<HttpContext, StageInfo, Task> endpoint) => Of((context, stage, _) => endpoint(context, stage));

    /// <summary>The same for one that changes it, which is told by whom.</summary>
    public Func<HttpContext, Caller, Task> Of(Func<HttpContext, StageInfo, ChangedBy, Task> endpoint) => async (context, caller) =>
    {
        var stage = PathSegment.TryGuid(context, "pk", out var pk) ? await grains.Stage(pk) : null;
        await (stage is not null ? endpoint(context, stage, By(context, caller)) : NoSuchStage(context));
    };

    public static Task Get(HttpContext context, StageInfo stage) => JsonAnswer.Write(context, StatusCodes.Status200OK, Json(stage));

    public static Task UsedBy(HttpContext context, StageInfo stage) => JsonAnswer.WriteEmptyList(context);

    public Task Create(HttpContext context, Caller caller) =>
        BodyReader.With(context, body => Save(context, body, StageInfo.New(RandomUuid.Next(), ""), null, By(context, caller), nameRequired: true));

    /// <summary>PUT and PATCH: both keep omitted fields; PUT needs the name.</summary>
    public Task Update(HttpContext context, StageInfo stage, ChangedBy by) =>
        BodyReader.With(context, body => Save(context, body, stage, stage, by, nameRequired: HttpMethods.IsPut(context.Request.Method)));

    public async Task Delete(HttpContext context, StageInfo stage, ChangedBy by)
    {
        if (!await Catalog.Delete(stage.Pk, by))
        {
            await NoSuchStage(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task NoSuchStage(HttpContext context) => ProblemAnswer.Write(context, Problem.NotFound, "There is no such stage.");

    private static JsonObject Json(StageInfo stage) => new()
    {
        ["pk"] = stage.Pk,
        ["name"] = stage.Name,
        ["component"] = "ak-stage-user-login-form",
        ["verbose_name"] = "User Login Stage",
        ["verbose_name_plural"] = "User Login Stages",
        ["meta_model_name"] = "authentik_stages_user_login.userloginstage",
        ["flow_set"] = new JsonArray(),
        ["session_duration"] = stage.SessionDuration.ToString(),
        ["terminate_other_sessions"] = stage.TerminateOtherSessions,
        ["remember_me_offset"] = stage.RememberMeOffset.ToString(),
        ["network_binding"] = BindingNames.Of(stage.NetworkBinding),
        ["geoip_binding"] = BindingNames.Of(stage.GeoIpBinding),
        ["remember_device"] = stage.RememberDevice.ToString(),
    };

    private ChangedBy By(HttpContext context, Caller caller) => new(caller.Key?.Name, connection.Facts(context));

    private async Task Save(HttpContext context, BodyReader body, StageInfo given, StageInfo? before, ChangedBy by, bool nameRequired)
    {
        var stage = StageForm.Read(body.Root, given, nameRequired);
        if (body.Errors.Any)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var outcome = await Catalog.Save(new StageSave(stage, before, by));
        while (outcome == StageSaveOutcome.Changed && await grains.Stage(stage.Pk) is { } changed)
        {
            // What this request omits, another has changed meanwhile.
            stage = StageForm.Read(body.Root, changed, nameRequired);
            outcome = await Catalog.Save(new StageSave(stage, changed, by));
        }

        await (outcome switch
        {
            StageSaveOutcome.Saved => JsonAnswer.Write(
                context, before is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, Json(stage)),
            StageSaveOutcome.NameTaken => ProblemAnswer.Invalid(context, "name", "Another stage has this name."),
            StageSaveOutcome.TooMany => ProblemAnswer.Write(context, Problem.LimitReached, "There are as many stages as can be; delete one first."),
            _ => NoSuchStage(context),
        });
    }
}
