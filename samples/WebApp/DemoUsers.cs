using System.Security.Claims;

namespace WebApp;

/// <summary>Two users whose passwords are their names: an app has its own way to find out who somebody is.</summary>
internal static class DemoUsers
{
    private static readonly Dictionary<string, (string Pk, string Name)> Known = new() { ["jane"] = ("1", "Jane Doe"), ["john"] = ("2", "John Roe") };

    public static ClaimsPrincipal? Find(string username, string password) => Known.TryGetValue(username, out var user) && password == username
        ? new ClaimsPrincipal(new ClaimsIdentity(
            [new("sub", user.Pk), new("name", user.Name), new("preferred_username", username), new("email", $"{username}@example.org")], "password", "name", "role"))
        : null;
}
