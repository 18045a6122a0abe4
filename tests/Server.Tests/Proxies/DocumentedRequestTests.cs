using YamlDotNet.RepresentationModel;

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

    private static readonly YamlNode Traefik = Read("traefik/dynamic.yml");

    private static readonly YamlNode Envoy =
        At(Read("envoy/envoy.yaml"), "static_resources.listeners.0.filter_chains.0.filters.0.typed_config");

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
        var replaced = new System.Text.RegularExpressions.Regex(Text(Traefik, "http.middlewares.session.forwardAuth.authResponseHeadersRegex"));
        string[] spoofed = ["X_Session_User", "X-Session_User", "X.Session.User", "X-Session-Encoding"];
        Assert.All([.. answer.Headers.Keys.Where(name => name.StartsWith("X-Session", StringComparison.Ordinal)), .. spoofed], name => Assert.Matches(replaced, name));
        Assert.DoesNotMatch(replaced, "X-Forwarded-For");
        Assert.Equal("false", Text(Traefik, "http.middlewares.session.forwardAuth.trustForwardHeader"));
    }

    [Fact]
    public void Traefik_asks_about_everything_but_the_open_paths()
    {
        var routers = (YamlMappingNode)At(Traefik, "http.routers");
        var unguarded = routers.Children.Where(router => !Strings(router.Value, "middlewares").Contains("session")).Select(router => ((YamlScalarNode)router.Key).Value);

        Assert.Equal(["ambiguous", "sessioncluster", "login"], unguarded);
        Assert.Equal("Host(`app.example.com`)", Text(Traefik, "http.routers.application.rule"));
        var entry = At(Read("traefik/traefik.yml"), "entryPoints.websecure.http");
        Assert.Equal(("delete", "true"), (Text(entry, "aliasHeadersStrategy"), Text(entry, "sanitizePath")));
        Assert.All(((YamlMappingNode)At(entry, "encodedCharacters")).Children.Values, value => Assert.Equal("false", ((YamlScalarNode)value).Value));
    }

    [Fact]
    public async Task Envoy_hears_401_with_the_logins_url_and_the_way_back_in_it()
    {
        var answer = await AskAsEnvoy("GET", Page);

        Assert.Equal((401, LoginOfPage), (answer.Status, answer.Headers["X-Session-Login"]));
        Assert.Contains("x-session-login", Exact("http_filters.1.typed_config.http_service.authorization_response.allowed_client_headers"));
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
                Exact("http_filters.1.typed_config.http_service.authorization_response.allowed_upstream_headers"));
        }
    }

    [Fact]
    public void Envoys_path_has_no_way_out_of_the_prefix_and_a_clients_headers_go_before_the_check()
    {
        Assert.Equal(
            ("true", "true", "REJECT_REQUEST", "DROP_HEADER"),
            (Text(Envoy, "normalize_path"), Text(Envoy, "merge_slashes"), Text(Envoy, "path_with_escaped_slashes_action"),
                Text(Envoy, "common_http_protocol_options.headers_with_underscores_action")));
        Assert.Equal("false", Text(Envoy, "http_filters.1.typed_config.failure_mode_allow"));
        var removed = Text(Envoy, "http_filters.0.typed_config.mutations.request_mutations.0.remove_on_match.key_matcher.safe_regex.regex");
        Assert.All(["x-session-user", "x.session.user", "x-session_user", "x~session"], name => Assert.Matches($"^(?:{removed})$", name));
        var routes = ((YamlSequenceNode)At(Envoy, "route_config.virtual_hosts.0.routes")).OfType<YamlMappingNode>().ToList();
        Assert.All(routes[1..^1], route => Assert.Equal("true", Text(((YamlMappingNode)route.Children["typed_per_filter_config"]).Children["envoy.filters.http.ext_authz"], "disabled")));
        Assert.False(routes[^1].Children.ContainsKey("typed_per_filter_config"));
        Assert.Equal("/", Text(routes[^1], "match.prefix"));
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
        var allowed = Exact("http_filters.1.typed_config.allowed_headers");
        return RawRequest.Send(
            setup.Server.Url, method, Text(Envoy, "http_filters.1.typed_config.http_service.path_prefix") + target, "", null, all.Where(header => allowed.Contains(header.Name)));
    }

    private static HashSet<string> Exact(string path) => [.. ((YamlSequenceNode)At(Envoy, path + ".patterns")).Select(pattern => Text(pattern, "exact"))];

    private static IEnumerable<string?> Strings(YamlNode node, string name) =>
        ((YamlMappingNode)node).Children.TryGetValue(name, out var list) ? ((YamlSequenceNode)list).Select(item => ((YamlScalarNode)item).Value) : [];

    private static YamlNode Read(string example)
    {
        using var file = File.OpenText(Path.Combine(AppContext.BaseDirectory, "examples", example));
        var stream = new YamlStream();
        stream.Load(file);
        return stream.Documents.Single().RootNode;
    }

    private static string Text(YamlNode node, string path) => ((YamlScalarNode)At(node, path)).Value!;

    private static YamlNode At(YamlNode node, string path) => path.Split('.').Aggregate(node, (at, name) => at is YamlSequenceNode list
        ? list.Children[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]
        : ((YamlMappingNode)at).Children[name]);
}
