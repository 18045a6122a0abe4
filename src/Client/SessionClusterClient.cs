using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace SessionCluster.Client;

/// <summary>The client over HTTP. How a call is sent and what its faults become stands in <see cref="Caller"/>.</summary>
internal sealed class SessionClusterClient(Caller caller, ClientMetrics metrics, TimeProvider time) : ISessionClusterClient
{
    private const string Sessions = "api/v3/sessions/";

    private const string List = "api/v3/core/authenticated_sessions/";

    private const string NotFound = "not-found";

    /// <summary>How long a stream of events may be silent: the server says something every 15 seconds.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(45);

    /// <summary>The longest line of a stream of events, in bytes.</summary>
    private const int MaxLine = 1024 * 1024;

    private readonly Uri _validate = caller.At(Sessions + "validate/");

    public async Task<LoginResult> LoginAsync(LoginRequest login, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        var body = new LoginBody(
            login.Stage,
            new PendingUser(login.User.Pk, login.User.Username, login.User.Email, login.User.Name, login.IsActive),
            login.RememberMe,
            new LoginContext(login.AuthMethod),
            ClientBody.Of(login.Client, login.DeviceCookie, login.PreviousToken),
            Parse(login.Data));
        var call = Call.Change(HttpMethod.Post, caller.At(Sessions), "login", Call.Json(body, Bodies.Default.LoginBody));
        using var answer = await caller.Send(call, cancellationToken);
        return answer.Status == HttpStatusCode.Created ? answer.Read(Answers.Default.LoginResult) : answer.Problem() switch
        {
            "access-denied" => new LoginResult { Refusal = LoginRefusal.AccessDenied },
            "challenge-required" => new LoginResult { Refusal = LoginRefusal.ChallengeRequired },
            "session-limit" => new LoginResult { Refusal = LoginRefusal.SessionLimit },
            _ => throw answer.Refused(call),
        };
    }

    public async Task<SessionCheck> ValidateAsync(string token, ClientFacts client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(client);
        using var activity = ClientMetrics.Activities.StartActivity("sessioncluster.validate");
        var begun = time.GetTimestamp();
        var outcome = "unavailable";
        try
        {
            var check = new SessionCheck { Status = SessionStatus.Malformed };
            if (MayBeToken(token))
            {
                var body = Call.Json(new ValidateBody(token, ClientBody.Of(client)), Bodies.Default.ValidateBody);
                var call = new Call(HttpMethod.Post, _validate, "validate", body);
                using var answer = await caller.Send(call, cancellationToken);
                check = Read(answer, call, Answers.Default.SessionCheck);
            }

            outcome = StatusNames.Of(check.Status);
            return check;
        }
        catch (SessionClusterRequestException)
        {
            outcome = "refused";
            throw;
        }
        catch (OperationCanceledException)
        {
            // The caller did not wait, which says nothing of the server.
            outcome = "cancelled";
            throw;
        }
        finally
        {
            activity?.SetTag("outcome", outcome);
            metrics.Checked(outcome, time.GetElapsedTime(begun));
        }
    }

    public async Task<bool> SetDataAsync(string token, string? data, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        var call = new Call(HttpMethod.Put, caller.At(Sessions + "data/"), "login", Call.Json(new DataBody(token, Parse(data)), Bodies.Default.DataBody), IsChange: true);
        using var answer = await caller.Send(call, cancellationToken);
        return answer.Status == HttpStatusCode.OK || (answer.Problem() == "session-ended" ? false : throw answer.Refused(call));
    }

    public Task<Receipt> RevokeAsync(string token, ClientFacts? client, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (!MayBeToken(token))
        {
            var now = time.GetUtcNow();
            return Task.FromResult(new Receipt(0, now, [], now));
        }

        var body = new RevokeBody(token, client is null ? null : ClientBody.Of(client), reason);
        return Ask(Call.Change(HttpMethod.Post, caller.At(Sessions + "revoke/"), "login or manage", Call.Json(body, Bodies.Default.RevokeBody)), Answers.Default.Receipt, cancellationToken);
    }

    public async Task<IReadOnlyList<Session>> ListSessionsAsync(string user, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        var first = await Page(1);
        if (first.Pagination.TotalPages <= 1)
        {
            return first.Results;
        }

        // In the order of their beginnings a new session is the last (where the servers' clocks agree), and one that ends moves those behind it towards the first page. So from
        // the last page to the first none is missed; one that moved is there twice.
        List<Session> sessions = [];
        for (var page = first.Pagination.TotalPages; page > 0; page--)
        {
            sessions.InsertRange(0, (await Page(page)).Results);
        }

        return [.. sessions.DistinctBy(session => session.Uuid)];

        async Task<SessionPage> Page(int number)
        {
            var call = Read($"{List}?user={Uri.EscapeDataString(user)}&ordering=created&page={number}&page_size=100");
            using var answer = await caller.Send(call, cancellationToken);
            // A page may be gone when sessions have ended since they were counted.
            return number > 1 && answer.Problem() == NotFound ? new SessionPage(new Pagination(0), []) : Read(answer, call, Answers.Default.SessionPage);
        }
    }

    public async Task<bool> EndSessionAsync(string user, Guid session, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        var look = Read($"{List}{session}/");
        using var found = await caller.Send(look, cancellationToken);
        if (found.Status != HttpStatusCode.OK && found.Problem() != NotFound)
        {
            throw found.Refused(look);
        }

        if (found.Status == HttpStatusCode.OK && found.Read(Answers.Default.Session).User != user)
        {
            return false;
        }

        // Asked for also where there is none any more: the server's answer to this waits for what another call has just ended. By a key it
        // would write down that nothing was left to end.
        var end = Call.Change(HttpMethod.Delete, look.Uri, "manage", null);
        end = found.Status == HttpStatusCode.OK ? end : end with { Key = null };
        using var answer = await caller.Send(end, cancellationToken);
        return answer.Status == HttpStatusCode.NoContent || (answer.Problem() == NotFound ? false : throw answer.Refused(end));
    }

    public Task<Receipt> EndSessionsAsync(string user, Guid? except, string? reason, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        var uri = caller.At($"api/v3/users/{Uri.EscapeDataString(user)}/sessions/revoke/");
        return Ask(Call.Change(HttpMethod.Post, uri, "manage", Call.Json(new EndBody(except, reason), Bodies.Default.EndBody)), Answers.Default.Receipt, cancellationToken);
    }

    public async Task<IAsyncEnumerable<SessionEnding>> FollowEndingsAsync(CancellationToken cancellationToken) =>
        Endings(await caller.Open(Read("api/v3/events/stream/"), cancellationToken), time, cancellationToken);

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await caller.Send(Read("health/ready"), cancellationToken);
            // With Metrics:Urls health is on a port of its own: a server that says so is there.
            return answer.Status == HttpStatusCode.OK || answer.Problem() == NotFound;
        }
        catch (SessionClusterUnavailableException)
        {
            return false;
        }
    }

    private static async IAsyncEnumerable<SessionEnding> Endings(HttpResponseMessage response, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var _ = response;
        var stream = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken));
        var type = "";
        while (true)
        {
            // The server writes the name of an event before its data, which is one line. A blank line ends the event, and its name with it.
            var line = await Line(stream, time, cancellationToken);
            if (!line.StartsWith("data:", StringComparison.Ordinal))
            {
                type = line.Length == 0 ? "" : line.StartsWith("event:", StringComparison.Ordinal) ? line[6..].Trim() : type;
            }
            else if (type == "logout" && JsonSerializer.Deserialize(line[5..], Answers.Default.EventBody)?.Context is { SessionUuid: { } session } context)
            {
                yield return new SessionEnding(session, StatusNames.OfEnding(context.LogoutReason));
            }
        }
    }

    // A connection whose other end is gone without a word, as behind a router that forgot it, would be waited for without end.
    private static async Task<string> Line(PipeReader stream, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(MaxSilence, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
                var read = await stream.ReadAsync(either.Token);
                if (read.Buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = Encoding.UTF8.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                    stream.AdvanceTo(read.Buffer.GetPosition(1, end));
                    return line;
                }

                if (read.IsCompleted || read.Buffer.Length > MaxLine)
                {
                    throw new SessionClusterUnavailableException(read.IsCompleted ? "The server closed the stream of events." : "A line of the stream of events has no end.");
                }

                stream.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SessionClusterUnavailableException("The stream of events was cut off.", exception);
        }
    }

    private Call Read(string path) => new(HttpMethod.Get, caller.At(path), "read", null);

    private async Task<T> Ask<T>(Call call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await caller.Send(call, cancellationToken);
        return Read(answer, call, type);
    }

    private static T Read<T>(Answer answer, Call call, JsonTypeInfo<T> type) => answer.Status == HttpStatusCode.OK ? answer.Read(type) : throw answer.Refused(call);

    /// <summary>Whether a text can be a token or a device cookie; of another one the server need not be asked.</summary>
    internal static bool MayBeToken(string? text) => text is { Length: > 0 and <= 256 } && !text.ContainsAnyExceptInRange('!', '~');

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

/// <summary>The names of states on the wire and in meters.</summary>
internal static class StatusNames
{
    private static readonly Dictionary<SessionStatus, string> Names =
        Enum.GetValues<SessionStatus>().ToDictionary(status => status, status => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString()));

    public static string Of(SessionStatus status) => Names[status];

    /// <summary>The state that an event of an ending tells of. Whoever ended a session may have given words of their own, which stay with operators.</summary>
    public static string OfEnding(string? words) => Of(words switch
    {
        "Session expired" => SessionStatus.Expired,
        "Session idle" => SessionStatus.Idle,
        "User deactivated" => SessionStatus.UserInactive,
        "Session binding broken" => SessionStatus.BindingBroken,
        _ => SessionStatus.Revoked,
    });

    /// <summary>A reason of a newer server is taken for unknown: the session is not live.</summary>
    public static SessionStatus Parse(string? reason) => reason switch
    {
        "malformed" => SessionStatus.Malformed,
        "expired" => SessionStatus.Expired,
        "idle" => SessionStatus.Idle,
        "revoked" => SessionStatus.Revoked,
        "user_inactive" => SessionStatus.UserInactive,
        "binding_broken" => SessionStatus.BindingBroken,
        _ => SessionStatus.Unknown,
    };
}
