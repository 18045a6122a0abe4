namespace SessionCluster.Api.Sessions;

/// <summary>What a service does with a session whose token it holds: keep data, end it.</summary>
internal sealed class TokenEndpoints(
    IGrainFactory grains, SessionTokens tokens, SiteCookies cookies, CommitThenTell commits, ConnectionClient connection, TimeProvider time, IOptions<DataOptions> options)
{
    private const int MaxReason = 255;

    /// <summary><c>PUT /api/v3/sessions/data/</c>: replaces the front end's data; null clears it.</summary>
    public Task PutData(HttpContext context, Caller caller) => BodyReader.With(context, body =>
    {
        var token = body.Root.Text("token", LoginForms.MaxToken);
        var data = body.Root.Json("data", options.Value.MaxData);
        body.Errors.Require(body.Root.Has("data"), "data", ObjectReader.Required);
        return (Token: token, Data: data);
    }, async form =>
    {
        if (Read(context, form.Token) is { } session && await AskAgainException.Repeat(() => grains.Session(session).SetData(form.Data)))
        {
            await JsonAnswer.Write(context, StatusCodes.Status200OK, form.Data, static (writer, text) =>
            {
                writer.WriteStartObject();
                writer.WriteStored("data"u8, text);
                writer.WriteEndObject();
            });
        }
        else
        {
            await ProblemAnswer.Write(context, Problem.SessionEnded, "The token names no live session; nothing was stored.");
        }
    });

    /// <summary><c>POST /api/v3/sessions/revoke/</c>: ends the session of a token. An ended or unknown one gives an empty receipt.</summary>
    public Task Revoke(HttpContext context, Caller caller) => BodyReader.With(context, async body =>
    {
        var token = body.Root.Text("token", LoginForms.MaxToken);
        var reason = body.Root.OptionalText("reason", MaxReason);
        var client = body.Root.OptionalObject("client") is { } given
            ? ClientFields.ReadMembers(given, context)
            : connection.Facts(context);
        var idempotency = IdempotencyKey.Read(context, caller, body.Bytes, body.Errors);
        if (body.Errors.Any || client is null)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var session = Read(context, token, client.Ip);
        var owner = session is { } named ? await grains.Session(named).Owner() : null;
        if (session is not { } id || owner is not { } user)
        {
            var now = time.GetUtcNow();
            await ReceiptAnswer.Write(context, new Receipt(0, now, [], now), cookies.ClearSession());
            return;
        }

        // A front end that holds its user's token logs the user out; a mere manager revokes.
        var why = caller.Has(Roles.Login) ? EndReason.LoggedOut : EndReason.RevokedByAdmin;
        var command = new EndCommand([id], why, ReasonText: reason, Client: client, Idempotency: idempotency, Actor: caller.Key?.Name);
        await ReceiptAnswer.Write(context, await commits.End(user, command), cookies.ClearSession());
    });
    /// <summary>The session of a token; null for a token that is not one of ours, which is noted.</summary>
    private SessionId? Read(HttpContext context, string token, string? address = null)
    {
        if (tokens.TryRead(token, out var session))
        {
            return session;
        }

        RefusalLog.Note(context, RefusalLog.MalformedToken, address);
        return null;
    }
}
