using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Input;
using SessionCluster.Api.Paging;
using SessionCluster.Api.Problems;
using SessionCluster.Bindings;
using SessionCluster.LoginStage;

namespace SessionCluster.Api.Stages;

/// <summary><c>/api/v3/stages/user_login/</c>: the User Login stages, as authentik has them.</summary>
internal sealed class StageEndpoints(IGrainFactory grains, ConnectionClient connection)
{
    private static readonly ReadOnlyMemory<byte> EmptyArray = "[]"u8.ToArray();

    private IStageCatalogGrain Catalog => grains.GetGrain<IStageCatalogGrain>(IStageCatalogGrain.Key);

    public async Task List(HttpContext context, Caller caller)
    {
        var errors = new FieldErrors();
        var page = PageRequest.Read(context.Request.Query, errors);
        var filter = StageFilter.Read(context.Request.Query, errors);
        if (errors.Any)
        {
            await ProblemAnswer.Invalid(context, errors);
        }
        else if (page is not { } wanted)
        {
            await PageRequest.NoSuchPage(context);
        }
        else
        {
            await PageAnswer.WriteSlice(context, wanted, filter.Apply(await Catalog.List()), Fill);
        }
    }

    public async Task Get(HttpContext context, Caller caller) => await (await Find(context) is { } stage
        ? JsonAnswer.Write(context, StatusCodes.Status200OK, stage, Fill)
        : NoSuchStage(context));

    public async Task UsedBy(HttpContext context, Caller caller) => await (await Find(context) is null
        ? NoSuchStage(context)
        : JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, EmptyArray));

    [SuppressMessage("ApiDesign", "RS0030", Justification = "A stage's key is public; it need not be hard to guess.")]
    public async Task Create(HttpContext context, Caller caller)
    {
        using var body = await BodyReader.Read(context);
        if (body is not null)
        {
            await Save(context, body, new StageSave(StageForm.Default(Guid.NewGuid()), Create: true, By(context, caller)), nameRequired: true);
        }
    }

    /// <summary>PUT and PATCH: both keep omitted fields; PUT needs the name.</summary>
    public async Task Update(HttpContext context, Caller caller)
    {
        if (await Find(context) is not { } stage)
        {
            await NoSuchStage(context);
            return;
        }

        using var body = await BodyReader.Read(context);
        if (body is not null)
        {
            await Save(context, body, new StageSave(stage, Create: false, By(context, caller)), nameRequired: HttpMethods.IsPut(context.Request.Method));
        }
    }

    public async Task Delete(HttpContext context, Caller caller)
    {
        if (await Find(context) is not { } stage || !await Catalog.Delete(stage.Pk, By(context, caller)))
        {
            await NoSuchStage(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task NoSuchStage(HttpContext context) => ProblemAnswer.Write(context, Problem.NotFound, "There is no such stage.");

    private static void Fill(Utf8JsonWriter writer, StageInfo stage)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, stage.Pk);
        writer.WriteString("name"u8, stage.Name);
        writer.WriteString("component"u8, "ak-stage-user-login-form");
        writer.WriteString("verbose_name"u8, "User Login Stage");
        writer.WriteString("verbose_name_plural"u8, "User Login Stages");
        writer.WriteString("meta_model_name"u8, "authentik_stages_user_login.userloginstage");
        writer.WriteStartArray("flow_set"u8);
        writer.WriteEndArray();
        writer.WriteString("session_duration"u8, stage.SessionDuration.ToString());
        writer.WriteBoolean("terminate_other_sessions"u8, stage.TerminateOtherSessions);
        writer.WriteString("remember_me_offset"u8, stage.RememberMeOffset.ToString());
        writer.WriteString("network_binding"u8, BindingNames.Of(stage.NetworkBinding));
        writer.WriteString("geoip_binding"u8, BindingNames.Of(stage.GeoIpBinding));
        writer.WriteString("remember_device"u8, stage.RememberDevice.ToString());
        writer.WriteEndObject();
    }

    private async Task<StageInfo?> Find(HttpContext context)
    {
        // The catalog also finds by name; a path names a primary key only.
        return Guid.TryParseExact(context.Request.RouteValues["pk"] as string, "D", out var pk) && await Catalog.Find(pk.ToString("D")) is { } stage
            && stage.Pk == pk
            ? stage
            : null;
    }

    private ChangedBy By(HttpContext context, Caller caller) => new(caller.Key?.Name, connection.Facts(context));

    private async Task Save(HttpContext context, BodyReader body, StageSave before, bool nameRequired)
    {
        var stage = StageForm.Read(body.Root, before.Stage, nameRequired);
        if (body.Errors.Any)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var outcome = await Catalog.Save(before with { Stage = stage });
        await (outcome switch
        {
            StageSaveOutcome.Saved => JsonAnswer.Write(
                context, before.Create ? StatusCodes.Status201Created : StatusCodes.Status200OK, stage, Fill),
            StageSaveOutcome.NameTaken => ProblemAnswer.Invalid(context, "name", "Another stage has this name."),
            StageSaveOutcome.TooMany => ProblemAnswer.Write(context, Problem.LimitReached, "There are as many stages as can be; delete one first."),
            _ => NoSuchStage(context),
        });
    }
}
