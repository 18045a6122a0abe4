using System.Collections.Concurrent;
using System.Diagnostics;
using SessionCluster.Correctness.Tests.History;

namespace SessionCluster.Correctness.Tests.Load;

/// <summary>Sends requests to a server that may be killed and started again, and records each with its answer.</summary>
internal sealed class Recorder
{
    public const string TerminatingStage = "terminating";

    private readonly ConcurrentQueue<Operation> _operations = new();
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private int _turn;

    /// <summary>Whom to ask, each in turn.</summary>
    public IReadOnlyList<ApiClient> Apis { get; set; } = [];

    public IReadOnlyList<Operation> Operations => [.. _operations];

    public int Count => _operations.Count;

    /// <summary>Runs with each operation, once it is recorded.</summary>
    public Action<Operation>? Recorded { get; init; }

    /// <summary>The answer's token of a session.</summary>
    public string Token(string session) => _tokens[session];

    public Task<Operation> Login(string user, bool terminating = false, string? key = null) =>
        Send(new Operation(terminating ? Act.TerminatingLogin : Act.Login, user, Now()) { Key = key });

    /// <param name="user">Whose session.</param>
    /// <param name="session">Which.</param>
    /// <param name="at">Whom to ask; null for the next in turn.</param>
    public Task<Operation> Validate(string user, string session, ApiClient? at = null) =>
        Send(new Operation(Act.Validate, user, Now()) { Session = session }, at);

    /// <summary>A request that names a user or a session of theirs.</summary>
    public Task<Operation> Do(Act act, string user, string? session = null, string? key = null, int? data = null) =>
        Send(new Operation(act, user, Now()) { Session = session, Key = key, Data = data });

    /// <summary>The same request once more.</summary>
    public Task<Operation> Repeat(Operation first) =>
        Send(new Operation(first.Act, first.User, Now()) { Session = first.IsLogin ? null : first.Session, Key = first.Key, Data = first.Data });

    /// <summary>Creates the stage that terminates other sessions.</summary>
    public async Task CreateStage() => (await Next().Post(
        "/api/v3/stages/user_login/", $$"""{"name": "{{TerminatingStage}}", "terminate_other_sessions": true}""")).Is(201);

    private static long Now() => Stopwatch.GetTimestamp();

    private async Task<Operation> Send(Operation asked, ApiClient? at = null)
    {
        Operation operation;
        try
        {
            var answer = await Ask(asked, at ?? Next());
            // What a server answers about its own failure says nothing about what was done.
            operation = answer.Status >= 500 ? asked with { Status = answer.Status } : Read(asked with { End = Now(), Status = answer.Status }, answer);
        }
        // A server killed in the middle of a connect shows as the socket's own exception, one that is frozen as a wait that was given up.
        catch (Exception failure) when (failure is HttpRequestException or IOException or System.Net.Sockets.SocketException or TaskCanceledException)
        {
            operation = asked;
        }

        _operations.Enqueue(operation);
        Recorded?.Invoke(operation);
        return operation;
    }

    private ApiClient Next()
    {
        var apis = Apis;
        return apis[(int)((uint)Interlocked.Increment(ref _turn) % apis.Count)];
    }

    private Task<Answer> Ask(Operation asked, ApiClient api)
    {
        (string, string)[] key = [("Idempotency-Key", asked.Key ?? "")];
        var token = asked.Session is { } session ? Token(session) : "";
        return asked.Act switch
        {
            Act.Login or Act.TerminatingLogin => api.Post("/api/v3/sessions/", LoginBody(asked), key),
            Act.Validate => api.Post("/api/v3/sessions/validate/", $$"""{"token": "{{token}}", "client": {"ip": "192.0.2.1"} }"""),
            Act.PutData => api.Put("/api/v3/sessions/data/", $$"""{"token": "{{token}}", "data": {{asked.Data}} }"""),
            Act.RevokeToken => api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{token}}"}""", key),
            Act.Delete => api.Delete($"/api/v3/core/authenticated_sessions/{asked.Session}/"),
            Act.Logout => api.Post("/api/v3/sessions/current/logout/", null, ("Authorization", $"Session {token}")),
            Act.RevokeUser => api.Post($"/api/v3/users/{asked.User}/sessions/revoke/", null, key),
            Act.BulkDelete => api.Delete($"/api/v3/core/authenticated_sessions/bulk_delete/?user_pks={asked.User}", key),
            Act.Deactivate => api.Post($"/api/v3/users/{asked.User}/deactivate/", null, key),
            Act.Activate => api.Post($"/api/v3/users/{asked.User}/activate/", null, key),
            _ => throw new InvalidOperationException($"Nobody asks for {asked.Act}."),
        };
    }

    private static string LoginBody(Operation asked) => $$"""
        {"stage": "{{(asked.Act == Act.TerminatingLogin ? TerminatingStage : "default")}}",
         "pending_user": {"pk": "{{asked.User}}", "username": "{{asked.User}}", "email": "", "name": ""},
         "client": {"ip": "192.0.2.1"} }
        """;

    private Operation Read(Operation asked, Answer answer)
    {
        if (!asked.IsDone)
        {
            return asked;
        }

        switch (asked.Act)
        {
            case Act.Login or Act.TerminatingLogin:
                var session = answer.StringAt("session.uuid");
                _tokens[session] = answer.StringAt("token");
                return Receipt(asked with { Session = session, Ended = [] }, answer.At("receipt"));
            case Act.Validate:
                return asked with
                {
                    Active = answer.At("active")!.GetValue<bool>(),
                    Reason = answer.At("reason")?.GetValue<string>(),
                    Data = answer.At("data")?.GetValue<int>(),
                };
            case Act.RevokeToken or Act.RevokeUser or Act.Deactivate or Act.Activate:
                return Receipt(asked, answer.Json);
            default:
                return asked;
        }
    }

    private static Operation Receipt(Operation asked, JsonNode? receipt)
    {
        if (receipt is null)
        {
            return asked;
        }

        var ended = receipt["ended"]!.AsArray();
        Assert.Distinct(ended.Select(e => e!.GetValue<string>()));
        return asked with { Revision = receipt["revision"]!.GetValue<long>(), Ended = [.. ended.Select(e => e!.GetValue<string>())] };
    }
}
