using System.Net.Http.Json;
using System.Text.Json;

namespace SessionCluster.Bench.Http;

/// <summary>Makes sessions through the API, as a front end would.</summary>
internal static class Logins
{
    /// <summary>The address of all clients here.</summary>
    public const string Ip = "127.0.0.1";

    /// <summary>What a usual browser says of itself.</summary>
    public const string UserAgent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

    private const int AtOnce = 64;

    /// <summary>Logs so many users in once each.</summary>
    public static async Task<IReadOnlyList<Login>> Make(HttpClient api, int users, long first = 0)
    {
        var logins = new Login[users];
        await Parallel.ForAsync(
            0, users, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (user, _) => logins[user] = await MakeOne(api, first + user));
        return logins;
    }

    /// <summary>Checks each session once.</summary>
    public static Task Check(HttpClient api, IReadOnlyList<Login> logins) => Parallel.ForEachAsync(
        logins, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (login, _) =>
        {
            var check = new { token = login.Token, client = new { ip = Ip, user_agent = UserAgent } };
            using var answer = await api.PostAsJsonAsync("/api/v3/sessions/validate/", check, CancellationToken.None);
            if (!(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("active").GetBoolean())
            {
                throw new InvalidOperationException("What was measured were refusals: a session is not live.");
            }
        });

    /// <summary>Logs one user in.</summary>
    public static async Task<Login> MakeOne(HttpClient api, long user)
    {
        using var answer = await api.PostAsync(new Uri("/api/v3/sessions/", UriKind.Relative), new StringContent(Form(user), null, "application/json"));
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return new Login(body.GetProperty("token").GetString()!, body.GetProperty("session").GetProperty("uuid").GetGuid());
    }

    /// <summary>The body of a user's login.</summary>
    public static string Form(long user) => JsonSerializer.Serialize(new
    {
        stage = "default",
        pending_user = new { pk = $"{user}", username = $"jane.roe.{user}", email = $"jane.roe.{user}@example.org", name = "Jane Roe" },
        remember_me = false,
        client = new { ip = Ip, user_agent = UserAgent },
    });
}

/// <summary>A session, and the token that it is used with.</summary>
internal sealed record Login(string Token, Guid Session);
