using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Orleans.Runtime;
using SessionCluster.Api.Hosting;
using SessionCluster.Devices;
using SessionCluster.Events;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Users;
using Xunit.Abstractions;

namespace SessionCluster.Api.Tests.Http;

/// <summary>No page, with all that it loads for the first time, is larger on the wire than 100 KB, also where its lists are full.</summary>
public sealed partial class PageSizeTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Most = 100_000;

    private const int Rows = 100;

    private const int KnownDevicesOfAUser = 64;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None });

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_page_with_all_that_it_loads_is_under_100_KB(string coding)
    {
        var current = Fill();
        var other = _host.Grains.Sessions.Keys.First(id => id != current.Id);
        var cookie = $"{await _host.SignInToConsole()}; {_host.CookieOf(current)}";
        var parts = new Dictionary<string, string>
        {
            ["{pk}"] = "42", ["{operation}"] = "sessions_validate", ["{flow_slug}"] = "flow",
        };
        var stage = (await _host.Grains.Catalog.List())[0];
        string UrlOf(string route) => parts.Aggregate(route, (url, part) => url.Replace(part.Key, part.Value, StringComparison.Ordinal)) switch
        {
            "/admin/stages/42/" => $"/admin/stages/{stage.Pk}/",
            "/admin/bindings/" => "/admin/bindings/?from=1.2.3.4&to=5.6.7.8",
            "/admin/sessions/" or "/admin/events/" => $"{route}?page_size={Rows}",
            "/admin/events/{uuid}/" => $"/admin/events/{_host.Grains.Events.All[0].Pk}/",
            var url when url.StartsWith("/account/", StringComparison.Ordinal) => url.Replace("{uuid}", other.ToString(), StringComparison.Ordinal),
            var url => url.Replace("{uuid}", current.Id.ToString(), StringComparison.Ordinal),
        };

        var urls = _host.Endpoints.OfType<RouteEndpoint>().Where(IsPage).Select(endpoint => UrlOf(endpoint.RoutePattern.RawText!)).Append("/nothing").ToList();

        Assert.Contains("/account/sessions/", urls);
        foreach (var url in urls)
        {
            var (status, page, size) = await Fetch(url, coding, cookie);
            if (status == 303)
            {
                // It leads to another page.
                continue;
            }

            Assert.True(status < 400 || url is "/nothing" or "/account/not-me/" or "/if/flow/flow/", $"{url}: {status}");
            var assets = Assets().Matches(page).Select(match => match.Value).Distinct().ToList();
            Assert.NotEmpty(assets);
            foreach (var asset in assets)
            {
                size += (await Fetch(asset, coding, cookie)).Size;
            }

            output.WriteLine($"{size,7} {url}");
            Assert.True(size < Most, $"{url} with its assets has {size} bytes as {coding}.");
        }
    }

    private static bool IsPage(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true
        && endpoint.RoutePattern.RawText is { } path && !path.StartsWith("/if/assets/", StringComparison.Ordinal)
        && (endpoint.Metadata.GetMetadata<PageRoute>() is not null || path.StartsWith("/if/", StringComparison.Ordinal));

    private async Task<(int Status, string Text, int Size)> Fetch(string url, string coding, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Url, url));
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Accept-Encoding", coding);
        request.Headers.Add("Cookie", cookie);
        using var answer = await _http.SendAsync(request);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(bytes.Length < 1000 || answer.Content.Headers.ContentEncoding.Single() == coding, $"{url} is not compressed.");
        using Stream content = answer.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            _ => new MemoryStream(bytes),
        };
        using var reader = new StreamReader(content, Encoding.UTF8);
        return ((int)answer.StatusCode, await reader.ReadToEndAsync(), bytes.Length);
    }

    /// <summary>As much of everything as lists show, no two rows alike; the session in use.</summary>
    private SessionInfo Fill()
    {
        var random = new Random(17);
        string Text(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z' + 1)));
        SessionInfo? first = null;
        for (var row = 0; row < Rows; row++)
        {
            var session = _host.Grains.Add("42") with
            {
                User = new UserFacts(new UserId("42"), Text(12), $"{Text(12)}@example.org", Text(16)),
                LastIp = $"2001:db8:{row:x}:{random.Next(65536):x}::{random.Next(65536):x}",
                LastUserAgent = $"Mozilla/5.0 (X11; Linux x86_64; rv:{row}.0) Gecko/20100101 Firefox/{row}.0 {Text(20)}",
                Asn = new AsnInfo(64500 + row, Text(20), $"2001:db8:{row:x}::/48"),
                Geo = new GeoInfo(random.Next(-60, 80), random.Next(-170, 170), Text(10), "DE", "EU"),
            };
            first ??= session;
            _host.Grains.Sessions[session.Id] = session;
            foreach (var action in (string[])[EventActions.Login, EventActions.Logout])
            {
                var context = $$$"""
                    {"auth_method": "{{{Text(8)}}}", "logout_reason": "{{{Text(20)}}}", "http_request": {"user_agent": "{{{session.LastUserAgent}}}", "path": "/{{{Text(12)}}}", "method": "POST"},
                     "geo": {"city": "{{{Text(10)}}}", "country": "DE", "lat": 1, "long": 2}, "asn": {"asn": {{{64500 + row}}}, "as_org": "{{{Text(20)}}}"} }
                    """;
                _host.Grains.Events.All.Add(new EventInfo(Guid.NewGuid(), action, session.User, session.LastIp, session.Id, FakeGrains.Now, context));
            }
        }

        _host.Grains.Devices =
            [.. Enumerable.Range(0, KnownDevicesOfAUser).Select(_ => new DeviceInfo(new DeviceId(Guid.NewGuid()), FakeGrains.Now, FakeGrains.Now, FakeGrains.Now.AddDays(30), $"192.0.2.{random.Next(256)}", $"Firefox {Text(40)}"))];
        _host.Grains.Members =
            [.. Enumerable.Range(0, Rows).Select(number => new MembershipEntry { SiloName = Text(12), SiloAddress = SiloAddress.New(IPAddress.Loopback, 1000 + number, number), Status = SiloStatus.Active })];
        _host.Grains.Users = new UserPage(
            [.. Enumerable.Range(0, Rows).Select(number => new ListedUser(new UserFacts(new UserId(Text(12)), Text(12), $"{Text(12)}@example.org", Text(16)), true, number, FakeGrains.Now))], HasMore: true);
        for (var stage = 0; stage < Rows; stage++)
        {
            _host.Grains.Catalog.Put(Text(20), TimeSpan.FromDays(stage));
        }

        return first!;
    }

    [GeneratedRegex("/if/assets/[0-9a-f]{16}/[a-z.]+")]
    private static partial Regex Assets();
}
