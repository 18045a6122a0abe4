using System.Reflection;
using System.Xml.Linq;

namespace SessionCluster.Architecture.Tests;

/// <summary>
/// References run one way: Api to the contracts, grains to the contracts, the server to all of them. Contracts know nobody;
/// the embedded engine knows nothing of sessions. Directory.Build.targets adds the engine where it is used.
/// </summary>
public sealed class ProjectTests
{
    private const string Engine = "Embedded";

    /// <summary>What each project of src may reference, apart from the engine.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Grains.Interfaces"] = [],
        ["Embedded"] = [],
        ["Client"] = [],
        ["Grains"] = ["Grains.Interfaces"],
        ["Api"] = ["Grains.Interfaces"],
        ["Silo"] = ["Grains", "Api"],
    };

    /// <summary>What is beside the tests: the embedded engine where it is the one that this build uses.</summary>
    private static IEnumerable<string> Compiled => Allowed.Keys.Where(p => File.Exists(Path.Combine(AppContext.BaseDirectory, $"SessionCluster.{p}.dll")));

    [Fact]
    public void Projects_reference_one_another_one_way() =>
        Findings.None(Repository.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)),
            f => WrongReferences(Path.GetFileNameWithoutExtension(f), XDocument.Parse(Repository.Read(f))));

    /// <summary>What the compiler saw, whatever a project file or an import brought.</summary>
    [Fact]
    public void Assemblies_reference_one_another_one_way() => Findings.None(
        [.. Compiled],
        project => Assembly.Load($"SessionCluster.{project}").GetReferencedAssemblies()
            .Where(r => r.Name!.StartsWith("SessionCluster.", StringComparison.Ordinal))
            .Select(r => r.Name!["SessionCluster.".Length..])
            .Where(r => !Reachable(project).Contains(r) && (r != Engine || project is "Embedded" or "Client"))
            .Select(r => $"{project} is compiled against {r}. Move what it needs into a project that both may reference."));

    [Fact]
    public void The_server_is_compiled() => Assert.Superset(new HashSet<string> { "Grains.Interfaces", "Grains", "Api", "Silo" }, Compiled.ToHashSet());

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = Repository.Read("SessionCluster.sln").Replace('\\', '/');
        Findings.None(
            Repository.Files.Where(f => Repository.IsCode(f) && f.EndsWith(".csproj", StringComparison.Ordinal)),
            f => solution.Contains($"\"{f}\"", StringComparison.Ordinal) ? [] : [$"{f}: is not built with the rest. Run: dotnet sln add {f}"]);
    }

    [Fact]
    public void A_reference_against_the_direction_is_found() => Assert.Single(WrongReferences("Grains", Project("../Api/Api.csproj")));

    [Fact]
    public void A_reference_along_the_direction_is_fine() =>
        Assert.Empty(WrongReferences("Grains", Project("../Grains.Interfaces/Grains.Interfaces.csproj")));

    [Fact]
    public void A_project_that_no_rule_names_is_found() => Assert.Single(WrongReferences("New", new XDocument(new XElement("Project"))));

    [Fact]
    public void An_undocumented_contract_does_not_compile()
    {
        var project = XDocument.Parse(Repository.Read("src/Grains.Interfaces/Grains.Interfaces.csproj"));
        Assert.Contains(project.Descendants("WarningsAsErrors"), e => e.Value.Contains("CS1591", StringComparison.Ordinal));
    }

    [Fact]
    public void Test_projects_hold_only_what_differs() => Findings.None(
        Repository.Files.Where(f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)),
        f => XDocument.Parse(Repository.Read(f)).Descendants()
            .Where(e => e.Name.LocalName is "IsPackable" or "GenerateDocumentationFile"
                || (string?)e.Attribute("Include") is "xunit" or "xunit.runner.visualstudio" or "Microsoft.NET.Test.Sdk" or "Xunit")
            .Select(e => $"{f}: repeats {e}. Drop it: tests/Directory.Build.props says it for all."));

    private static IEnumerable<string> WrongReferences(string project, XDocument file)
    {
        if (!Allowed.TryGetValue(project, out var allowed))
        {
            return [$"{project}: is new. Say in {nameof(ProjectTests)}.{nameof(Allowed)} what it may reference."];
        }

        return file.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))
            .Except(allowed)
            .Select(r => $"{project}: references {r}. Move what it needs into one of: {string.Join(", ", allowed.DefaultIfEmpty("itself"))}.");
    }

    private static HashSet<string> Reachable(string project) => [.. Allowed[project].SelectMany(r => Reachable(r).Append(r))];

    private static XDocument Project(string reference) =>
        new(new XElement("Project", new XElement("ItemGroup", new XElement("ProjectReference", new XAttribute("Include", reference)))));
}
