using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>The packages as their users get them: packed, referenced by a fresh app, built and run.</summary>
[Collection(nameof(SessionServer))]
public sealed partial class PackageTests(SessionServer server) : IDisposable
{
    private readonly TempFolder _folder = new();

    private readonly string _version = $"0.1.0-test.{Guid.NewGuid():N}";

    /// <summary>Also of the packages that the restore left in the cache of whoever runs the test.</summary>
    public void Dispose()
    {
        _folder.Dispose();
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var left in new[] { "aspnetcore", "client" }.Select(name => Path.Combine(cache, $"sessioncluster.{name}", _version)).Where(Directory.Exists))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    [Fact]
    public async Task A_fresh_app_with_five_lines_builds_and_runs_on_the_packed_files()
    {
        foreach (var project in new[] { "Client", "AspNetCore", "Client.Testing" })
        {
            await Source.Run(
                Source.Folder, "dotnet", "pack", $"src/{project}", "-c", "Release", "-o", _folder.In("packages"), $"-p:Version={_version}", $"-p:ArtifactsPath={_folder.In("artifacts")}", "--nologo");
        }

        string[] packages = [.. Directory.GetFiles(_folder.In("packages"), "*.nupkg").Select(file => Path.GetFileName(file)[..^($".{_version}.nupkg".Length)]).Order(StringComparer.Ordinal)];
        Assert.Equal(["SessionCluster.AspNetCore", "SessionCluster.Client", "SessionCluster.Testing"], packages);
        using (var package = await ZipFile.OpenReadAsync(_folder.In($"packages/SessionCluster.AspNetCore.{_version}.nupkg")))
        {
            string[] files = [.. package.Entries.Select(entry => entry.FullName)];
            Assert.Superset(new HashSet<string> { "README.md", "lib/net10.0/SessionCluster.AspNetCore.dll", "lib/net10.0/SessionCluster.AspNetCore.xml" }, files.ToHashSet());
        }

        WriteApp();
        await Source.Run(_folder.In("app"), "dotnet", "build", "-warnaserror", "--nologo");
        using var app = Source.Start(
            _folder.In("app"),
            "dotnet",
            new() { ["SessionCluster__Address"] = server.Process.Url.ToString(), ["SessionCluster__ApiKey"] = server.Api.Key, ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" },
            "bin/Debug/net10.0/app.dll");
        try
        {
            using var browser = new HttpClient { BaseAddress = new Uri(await Listening(app.StandardOutput)) };
            Assert.Equal("", await browser.GetStringAsync("/"));
            Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync("/login/jane", null)).StatusCode);
            Assert.Equal("jane", await browser.GetStringAsync("/"));
        }
        finally
        {
            app.Kill();
        }
    }

    /// <summary>As <c>dotnet pack</c> of the whole solution asks each of them.</summary>
    [Fact]
    public async Task Nothing_else_of_the_sources_is_a_package()
    {
        List<string> packages = [];
        foreach (var project in Directory.GetFiles(Source.In("src"), "*.csproj", SearchOption.AllDirectories))
        {
            var answer = await Source.Run(Source.Folder, "dotnet", "msbuild", project, "-getProperty:IsPackable", "-nologo");
            packages.AddRange(answer.Trim() == "true" ? [Path.GetFileNameWithoutExtension(project)] : Array.Empty<string>());
        }

        Assert.Equal(["AspNetCore", "Client", "Client.Testing"], packages.Order(StringComparer.Ordinal));
    }

    /// <summary>What <c>dotnet new web</c> makes, with our five lines.</summary>
    private void WriteApp()
    {
        Directory.CreateDirectory(_folder.In("app"));
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{_folder.In("packages")}</RestoreAdditionalProjectSources></PropertyGroup>
              <ItemGroup><PackageReference Include="SessionCluster.AspNetCore" Version="{_version}" /></ItemGroup>
            </Project>
            """);
        Write("Program.cs", """
            using System.Security.Claims;
            using Microsoft.AspNetCore.Authentication;
            using SessionCluster.AspNetCore;

            var builder = WebApplication.CreateBuilder(args);
            builder.Services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster();
            var app = builder.Build();
            app.UseAuthentication();
            app.MapSessionCluster("/account");
            app.MapPost("/login/{name}", (HttpContext http, string name) => http.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new("sub", name), new("name", name)], "demo"))));
            app.MapGet("/", (ClaimsPrincipal user) => user.Identity?.Name ?? "");
            app.Run();
            """);

        void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.In("app"), name), text);
    }

    private static async Task<string> Listening(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            if (Url().Match(line) is { Success: true } match)
            {
                return match.Value;
            }
        }

        throw new InvalidOperationException("The app ended before it listened.");
    }

    [GeneratedRegex("http://127[.]0[.]0[.]1:[0-9]+")]
    private static partial Regex Url();
}
