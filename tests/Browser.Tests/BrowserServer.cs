using Microsoft.Playwright;

namespace SessionCluster.Browser.Tests;

/// <summary>A test that needs the distribution's Chromium; skipped, with the reason, where it is missing.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = BrowserServer.HasChromium ? null : $"{BrowserServer.Chromium} is missing: apt-get install chromium.";
}

/// <summary>The same for a theory.</summary>
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = BrowserServer.HasChromium ? null : $"{BrowserServer.Chromium} is missing: apt-get install chromium.";
}

/// <summary>The real server and a real browser, shared by all tests here; each test has users of its own.</summary>
public sealed class BrowserServer : IAsyncLifetime
{
    internal const string Chromium = "/usr/bin/chromium";

    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly TempFolder _folder = new();

    private IPlaywright? _playwright;

    private IBrowser? _browser;

    internal static bool HasChromium => File.Exists(Chromium);

    internal ServerProcess Server { get; private set; } = null!;

    /// <summary>Where a login may lead to on another origin.</summary>
    internal Uri Provider { get; } = new($"http://127.0.0.1:{TestPorts.Free()}");

    public async Task InitializeAsync()
    {
        if (!HasChromium)
        {
            return;
        }

        var (city, asn) = (_folder.Write("city.mmdb", Places.CityDatabase()), _folder.Write("asn.mmdb", Places.AsnDatabase()));
        Server = await ServerProcess.Start(_folder.In("data"), [$"GeoIp:CityDatabase={city}", $"GeoIp:AsnDatabase={asn}", "Proxies:Trusted:0=127.0.0.0/8", "Login:Url=/login", $"Login:AllowedRedirects:0={Provider.OriginalString}"]);
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(60_000);
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A browser of its own that comes from Berlin.</summary>
    internal async Task<IBrowserContext> NewBrowser(int width = 1280, bool script = true, ColorScheme colours = ColorScheme.Light, string language = "en")
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = Server.Url.ToString(),
            ViewportSize = new() { Width = width, Height = 900 },
            JavaScriptEnabled = script,
            ColorScheme = colours,
            Locale = language,
            UserAgent = Actions.UserAgent,
            ExtraHTTPHeaders = [new("X-Forwarded-For", Places.Berlin)],
        });
        context.SetDefaultTimeout(60_000);
        return context;
    }

    /// <summary>Logs a user in and gives the browser the cookie.</summary>
    internal async Task<Login> LogIn(IBrowserContext context, string user)
    {
        var login = await Server.Api.Login(user);
        await context.AddCookiesAsync([new() { Name = login.Cookie.Split('=')[0], Value = login.Token, Url = Server.Url.ToString() }]);
        return login;
    }

    /// <summary>Makes a plan for a user, as a front end does; the address that it sends the browser to.</summary>
    internal async Task<string> Plan(string user, string stage, string userAgent = Actions.UserAgent, string next = "/account/sessions/")
    {
        var body = $$"""
            {"flow_slug": "default-authentication-flow", "stage": "{{stage}}", "pending_user": {"pk": "{{user}}", "username": "name-{{user}}", "email": "{{user}}@example.test", "name": "N"},
             "context": {"next": "{{next}}"}, "client": {"ip": "{{Places.Berlin}}", "user_agent": "{{userAgent}}"} }
            """;
        return (await Server.Api.Post("/api/v3/flows/plans/", body)).Is(201).StringAt("page");
    }

    /// <summary>Opens the console by typing the key.</summary>
    internal async Task<IPage> OpenConsole(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync("/admin/");
        await page.GetByLabel("API key").FillAsync(Server.Api.Key);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
        return page;
    }
}

[CollectionDefinition(nameof(BrowserServer))]
public sealed class BrowserServerCollection : ICollectionFixture<BrowserServer>;
