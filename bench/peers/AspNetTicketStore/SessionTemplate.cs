using System.Text.Json;
using System.Text.Json.Nodes;

namespace SessionCluster.Bench.AspNetTicketStore;

/// <summary>The session object that every peer stores and answers, so that all move the same bytes.</summary>
internal sealed class SessionTemplate
{
    public const string Claim = "session";

    private readonly string _text;

    private SessionTemplate(string text) => _text = text;

    public static SessionTemplate Read(string path) => new(File.ReadAllText(path));

    /// <summary>The template with what a login brings.</summary>
    public string Fill(JsonElement login)
    {
        var now = TimeProvider.System.GetUtcNow();
        var answer = JsonNode.Parse(_text)!;
        var client = login.GetProperty("client");
        var session = answer["session"]!;
        session["uuid"] = Guid.NewGuid().ToString();
        session["last_ip"] = client.GetProperty("ip").GetString();
        session["last_user_agent"] = client.GetProperty("user_agent").GetString();
        session["created"] = now.ToString("O");
        session["last_used"] = now.ToString("O");
        session["expires"] = now.AddDays(1).ToString("O");
        answer["user"] = JsonNode.Parse(login.GetProperty("pending_user").GetRawText());
        return answer.ToJsonString();
    }
}
