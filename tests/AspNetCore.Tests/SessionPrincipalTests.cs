using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What a session's data keeps of a principal, and what comes back of it.</summary>
public sealed class SessionPrincipalTests
{
    [Theory]
    [InlineData("name", "Jane Doe")]
    [InlineData("preferred_username", "jane")]
    [InlineData("email", "jane@example.test")]
    [InlineData(ClaimTypes.Name, "Jane Doe")]
    public async Task The_identity_has_the_name_and_the_roles_that_it_had_at_the_sign_in(string type, string name)
    {
        var claims = new Claim[] { new("sub", "1"), new("name", "Jane Doe"), new("email", "jane@example.test"), new("preferred_username", "jane"), new("groups", "admin") };
        var before = new ClaimsPrincipal(new ClaimsIdentity(claims, "test", type, "groups"));

        var after = Back(SessionPrincipal.Data(before, new AuthenticationProperties()));

        Assert.Equal((name, true), (after.Identity!.Name, after.IsInRole("admin")));
        Assert.Equal("jane@example.test", Back(SessionPrincipal.Data(new(new ClaimsIdentity(claims[..3], "test", "email", null)), new AuthenticationProperties())).Identity!.Name);
        Assert.Null(SessionPrincipal.Data(new(new ClaimsIdentity(claims[..3], "test", null, "role")), new AuthenticationProperties()));
    }

    /// <summary>As where a second identity has the roles that the app itself gave. A claim that was no role becomes none.</summary>
    [Fact]
    public void Each_identity_has_the_roles_that_it_had_at_the_sign_in()
    {
        var before = new ClaimsPrincipal(
        [
            new ClaimsIdentity([new Claim("sub", "1"), new Claim("role", "reader"), new Claim("groups", "auditor")], "test", "name", "role"),
            new ClaimsIdentity([new Claim("groups", "admin"), new Claim("role", "owner"), new Claim("nick", "jd")], "roles", "nick", "groups"),
            new ClaimsIdentity("empty"),
        ]);

        var once = Back(SessionPrincipal.Data(before, new AuthenticationProperties()));
        var twice = Back(SessionPrincipal.Data(once, new AuthenticationProperties()));

        foreach (var after in new[] { before, once, twice })
        {
            Assert.Equal("reader admin", string.Join(' ', new[] { "reader", "admin", "auditor", "owner" }.Where(after.IsInRole)));
            Assert.Equal("jd", after.Identities.ElementAt(1).Name);
        }

        Assert.Equal(2, twice.Identities.Count());
        Assert.Equal("kc-1", Assert.Single(Back("""{"claims": [], "more": [null, {}, {"claims": null}, {"claims": [null, {"type": "sid", "value": "kc-1"}]}]}""").FindAll("sid")).Value);
    }

    /// <summary>As an app does that gives roles in OnAccepted; nothing else need be kept.</summary>
    [Fact]
    public void Roles_that_are_added_later_are_found_by_the_type_that_the_identity_had_at_the_sign_in()
    {
        var after = Back(SessionPrincipal.Data(new(new ClaimsIdentity([new Claim("sub", "1")], "test")), new AuthenticationProperties { IsPersistent = true }));

        after.Identities.First().AddClaim(new Claim(ClaimTypes.Role, "admin"));

        Assert.True(after.IsInRole("admin"));
    }

    [Fact]
    public void The_uuid_of_another_session_is_not_taken_for_the_sid_of_an_identity_provider()
    {
        var (before, between) = (Back(null), Back(null));

        var after = Back(SessionPrincipal.Data(new(new ClaimsIdentity(before.Claims, "test", "name", "role")), new AuthenticationProperties()));

        Assert.Equal(3, new[] { before, between, after }.Select(principal => principal.FindFirst("sid")!.Value).Distinct().Count());
    }

    /// <summary>A policy may ask for a fresh proof: a sign-in with the principal of the session before is none.</summary>
    [Fact]
    public void The_time_of_the_proof_stays_that_of_the_identity_provider_or_of_the_session_before()
    {
        var (now, longAgo) = (DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(-8));
        var provider = new Claim("auth_time", Unix(longAgo), ClaimValueTypes.Integer64);

        var first = Again(new(new ClaimsIdentity([new Claim("sub", "1"), provider], "test")), now);
        Assert.Equal((Unix(longAgo), ClaimValueTypes.Integer64), (Time(Again(first, now)), Again(first, now).FindFirst("auth_time")!.ValueType));
        var own = Again(new(new ClaimsIdentity([new Claim("sub", "1")], "test")), longAgo);
        Assert.Equal(Unix(longAgo), Time(own));
        Assert.Equal(Unix(longAgo), Time(Again(own, now)));
        Assert.Equal(Unix(now), Time(Again(new(new ClaimsIdentity([new Claim("sub", "1"), new Claim("auth_time", "")], "test")), now)));

        static ClaimsPrincipal Again(ClaimsPrincipal before, DateTimeOffset created) => Back(SessionPrincipal.Data(before, new AuthenticationProperties()), created);
        static string Time(ClaimsPrincipal principal) => Assert.Single(principal.FindAll("auth_time")).Value;
        static string Unix(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Another front end of the same sessions may keep something alike.</summary>
    [Fact]
    public void Claims_that_are_empty_are_kept_and_those_that_are_none_are_left_out()
    {
        var before = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "1"), new Claim("middle_name", "")], "test"));

        Assert.Equal("", Back(SessionPrincipal.Data(before, new AuthenticationProperties())).FindFirst("middle_name")?.Value);
        Assert.Equal("b", Back("""{"claims": [null, {"type": "a"}, {"value": "b"}, {"type": null, "value": "b"}, {"type": "", "value": "b"}, {"type": "a", "value": "b"}]}""").FindFirst("a")?.Value);
    }

    private static ClaimsPrincipal Back(string? data, DateTimeOffset? created = null)
    {
        var (session, user) = (new Session { Uuid = Guid.NewGuid(), User = "1", Created = created ?? DateTimeOffset.UtcNow, Expires = DateTimeOffset.MaxValue }, new SessionUser("1", "jane") { Name = "Jane Doe", Email = "jane@example.test" });
        return SessionPrincipal.Of(new SessionCheck { Status = SessionStatus.Active, Session = session, User = user, Data = data }, "test").Principal;
    }
}
