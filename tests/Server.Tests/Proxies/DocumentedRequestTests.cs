using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;
using static SessionCluster.Server.Tests.Proxies.Configuration;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>
/// Traefik and Envoy do not run here. The server is sent what their documentation says that they send when they are configured as in
/// examples, and the files are read for what the safety of it rests on.
/// </summary>
[Trait("Server", "Own")]
[Collection(nameof(ProxySetup))]
public sealed class DocumentedRequestTests(ProxySetup setup)
{
    private const string Page = "/reports?from=1&to=2%203";

    private const string LoginOfPage = "/login?next=%2Freports%3Ffrom%3D1%26to%3D2%25203";

    private const string Mutation = "envoy.filters.http.header_mutation";

    private const string Check = "envoy.filters.http.ext_authz";

    private const string Router = "envoy.filters.http.router";

    /// <summary>Paths that some servers read as others.</summary>
    private static readonly string[] Ambiguous = ["/login/..;/private", "/private/..;/login", "/private/.;x/y", "/login/..;a=b/private", "/..;"];

    private static readonly string[] Plain = ["/files/..a/b..;c", "/login", "/a;b/c", "/.well-known/x;y"];

    private static YamlNode Traefik => Configuration.Traefik.Dynamic;

    private static YamlNode Envoy => Configuration.Envoy.Manager;

    [Fact]
    public async Task Traefik_redirects_a_browser_to_the_login_with_the_way_back()
    {
        var answer = await AskAsTraefik(RawRequest.Navigation);

        Assert.Equal((302, LoginOfPage), (answer.Status, answer.Location));
        Assert.Equal(401, (await AskAsTraefik([("Accept", "application/json")])).Status);
    }

    [Fact]
    public async Task Traefik_hears_who_a_live_session_is_and_copies_it_in_place_of_what_the_client_says()
    {
        var login = await setup.Server.Api.Login(Actions.NewUser(), ip: "203.0.113.7");

        var answer = await AskAsTraefik([("Cookie", login.Cookie), ("X-Session-User", "root")]);

        Assert.Equal((200, login.User), (answer.Status, answer.Headers["X-Session-User"]));
        var replaced = new Regex(Text(Traefik, "http.middlewares.session.forwardAuth.authResponseHeadersRegex"));
        string[] spoofed = ["X_Session_User", "X-Session_User", "X.Session.User", "X-Session-Encoding"];
        Assert.All([.. answer.Headers.Keys.Where(name => name.StartsWith("X-Session", StringComparison.Ordinal)), .. spoofed], name => Assert.Matches(replaced, name));
        Assert.DoesNotMatch(replaced, "X-Forwarded-For");
        Assert.Equal("false", Text(Traefik, "http.middlewares.session.forwardAuth.trustForwardHeader"));
    }

    [Fact]
    public void Traefik_asks_about_everything_but_the_open_paths()
    {
        var routers = Configuration.Traefik.Routers;
        var guarded = Assert.Single(routers, router => router.Middlewares.Contains("session"));

        Assert.Equal(("Host(`app.example.com`)", "application"), (guarded.Rule, guarded.Service));
        Assert.Equal(["ambiguous", "sessioncluster", "login"], routers.Except([guarded]).Select(router => router.Name));
        Assert.All(routers.Except([guarded]), router => Assert.True(router.Priority > guarded.Priority));
        var http = At(Configuration.Traefik.Entry, "http");
        Assert.Equal(("delete", "true"), (Text(http, "aliasHeadersStrategy"), Text(http, "sanitizePath")));
        Assert.All(((YamlMappingNode)At(http, "encodedCharacters")).Children.Values, value => Assert.Equal("false", ((YamlScalarNode)value).Value));
    }

    [Fact]
    public void Traefik_refuses_a_path_that_some_servers_read_as_another()
    {
        var refuses = Assert.Single(Configuration.Traefik.Routers, router => router.Service == "noop@internal");
        var pattern = Regex.Match(refuses.Rule, "^Host\\(`app\\.example\\.com`\\) && PathRegexp\\(`([^`]+)`\\)$").Groups[1].Value;

        Assert.Equal(Configuration.Traefik.Routers.Max(router => router.Priority), refuses.Priority);
        Assert.All(Ambiguous, path => Assert.Matches(pattern, path));
        Assert.All(Plain, path => Assert.DoesNotMatch(pattern, path));
    }

    [Fact]
    public async Task Traefik_lets_nobody_say_who_they_are_where_no_session_is_needed()
    {
        var live = await AskAsTraefik([("Cookie", (await setup.Server.Api.Login(Actions.NewUser(), ip: "203.0.113.7")).Cookie)]);
        var none = await AskAsEnvoy("GET", Page);
        var told = new[] { live, none }.SelectMany(answer => answer.Headers.Keys).Where(name => name.StartsWith("X-Session", StringComparison.Ordinal)).Append("X-Session-Encoding").Distinct();
        var removed = (YamlMappingNode)At(Traefik, "http.middlewares.nobody.headers.customRequestHeaders");

        Assert.Equal(["nobody"], Configuration.Traefik.Routers.Single(router => router.Name == "login").Middlewares);
        Assert.Equal(told.Order(StringComparer.Ordinal), removed.Children.Keys.Select(name => ((YamlScalarNode)name).Value!).Order(StringComparer.Ordinal));
        Assert.All(removed.Children.Values, value => Assert.Equal("", ((YamlScalarNode)value).Value));
    }

    [Fact]
    public void Traefik_and_Envoy_believe_nobody_about_where_a_client_is()
    {
        var entry = ((YamlMappingNode)Configuration.Traefik.Entry).Children.Keys.Select(key => ((YamlScalarNode)key).Value);
        var manager = ((YamlMappingNode)Envoy).Children.Keys.Select(key => ((YamlScalarNode)key).Value).ToList();

        Assert.Equal(["address", "http"], entry);
        Assert.Equal("true", Text(Envoy, "use_remote_address"));
        Assert.DoesNotContain("xff_num_trusted_hops", manager);
        Assert.DoesNotContain("skip_xff_append", manager);
        Assert.DoesNotContain("original_ip_detection_extensions", manager);
    }

    [Fact]
    public async Task Envoy_hears_401_with_the_logins_url_and_the_way_back_in_it()
    {
        var answer = await AskAsEnvoy("GET", Page);

        Assert.Equal((401, LoginOfPage), (answer.Status, answer.Headers["X-Session-Login"]));
        Assert.Contains("x-session-login", Exact("http_service.authorization_response.allowed_client_headers"));
        Assert.Equal("%RESP(X-SESSION-LOGIN)%", Text(Envoy, "local_reply_config.mappers.0.headers_to_add.0.header.value"));
    }

    [Fact]
    public async Task Envoy_hears_who_a_live_session_is_by_any_method()
    {
        var login = await setup.Server.Api.Login(Actions.NewUser(), ip: "203.0.113.7");

        foreach (var method in new[] { "GET", "POST", "DELETE" })
        {
            var answer = await AskAsEnvoy(method, Page, ("cookie", login.Cookie));
            Assert.Equal((200, login.User), (answer.Status, answer.Headers["X-Session-User"]));
            Assert.Superset(
                answer.Headers.Keys.Where(name => name.StartsWith("X-Session", StringComparison.Ordinal)).Select(name => name.ToLowerInvariant()).ToHashSet(),
                Exact("http_service.authorization_response.allowed_upstream_headers"));
        }
    }

    [Fact]
    public void Envoys_path_has_no_way_out_of_the_prefix_and_a_clients_headers_go_before_the_check()
    {
        Assert.Equal(
            ("true", "true", "REJECT_REQUEST", "DROP_HEADER"),
            (Text(Envoy, "normalize_path"), Text(Envoy, "merge_slashes"), Text(Envoy, "path_with_escaped_slashes_action"),
                Text(Envoy, "common_http_protocol_options.headers_with_underscores_action")));
        Assert.Equal([Mutation, Check, Router], Configuration.Envoy.FilterNames);
        Assert.Equal("false", Text(Configuration.Envoy.Filter(Check), "failure_mode_allow"));
        var removed = Text(Configuration.Envoy.Filter(Mutation), "mutations.request_mutations.0.remove_on_match.key_matcher.safe_regex.regex");
        Assert.All(["x-session-user", "x.session.user", "x-session_user", "x~session", "x-session-login"], name => Assert.Matches($"^(?:{removed})$", name));
    }

    [Fact]
    public void Envoy_asks_about_everything_but_the_open_paths_and_refuses_those_that_some_servers_read_as_others()
    {
        var routes = Configuration.Envoy.Routes;
        var pattern = $"^(?:{Text(routes[0], "match.safe_regex.regex")})$";

        Assert.Equal("400", Text(routes[0], "direct_response.status"));
        Assert.All([.. Ambiguous, "/login/..%3b/private", "/login/..%3B/private"], path => Assert.Matches(pattern, path));
        Assert.All(Plain, path => Assert.DoesNotMatch(pattern, path));
        Assert.All(routes.Skip(1).SkipLast(1), route => Assert.Equal("true", Text(((YamlMappingNode)At(route, "typed_per_filter_config")).Children[Check], "disabled")));
        Assert.Equal(["match", "route"], routes[^1].Children.Keys.Select(key => ((YamlScalarNode)key).Value));
        Assert.Equal(("/", "application"), (Text(routes[^1], "match.prefix"), Text(routes[^1], "route.cluster")));
        Assert.Equal("websocket", Text(Assert.Single((YamlSequenceNode)At(Envoy, "upgrade_configs")), "upgrade_type"));
    }

    [Fact]
    public void Envoy_waits_for_an_ending_that_takes_its_time_and_cuts_no_open_page_off()
    {
        var timeouts = Configuration.Envoy.Routes.Where(route => route.Children.ContainsKey("route") && Text(route, "route.cluster") == "sessioncluster")
            .ToDictionary(route => ((YamlScalarNode)((YamlMappingNode)At(route, "match")).Children.Single().Value).Value!, route => Text(route, "route.timeout"));

        Assert.Equal("0s", timeouts["/api/v3/sessions/current/events/"]);
        Assert.All(timeouts.Values.Except(["0s"]), timeout => Assert.InRange(int.Parse(timeout.TrimEnd('s'), CultureInfo.InvariantCulture), 26, 60));
    }

    /// <summary>A GET at the fixed address: the client's headers, and what the client asked for in X-Forwarded-*.</summary>
    private Task<RawAnswer> AskAsTraefik((string Name, string Value)[] ofClient)
    {
        var address = new Uri(Text(Traefik, "http.middlewares.session.forwardAuth.address"));
        return RawRequest.Get(
            setup.Server.Url, address.AbsolutePath,
            [.. ofClient, ("X-Forwarded-Method", "POST"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "app.example.com"), ("X-Forwarded-Uri", Page), ("X-Forwarded-For", "203.0.113.7")]);
    }

    /// <summary>The client's method, the prefix and the client's path, no body, and of the client's headers those that are allowed.</summary>
    private Task<RawAnswer> AskAsEnvoy(string method, string target, params (string Name, string Value)[] ofClient)
    {
        (string Name, string Value)[] all = [.. ofClient, ("x-forwarded-for", "203.0.113.7"), ("x-forwarded-proto", "https"), ("accept", "text/html"), ("sec-fetch-mode", "navigate")];
        var allowed = Exact("allowed_headers");
        return RawRequest.Send(
            setup.Server.Url, method, Text(Configuration.Envoy.Filter(Check), "http_service.path_prefix") + target, "", null, all.Where(header => allowed.Contains(header.Name)));
    }

    private static HashSet<string> Exact(string path) =>
        [.. ((YamlSequenceNode)At(Configuration.Envoy.Filter(Check), path + ".patterns")).Select(pattern => Text(pattern, "exact"))];
}
