using System.Reflection;
using System.Xml.Linq;

namespace SessionCluster.Architecture.Tests;

/// <summary>References run one way: Api to the contracts, grains to the contracts, the silo to all of them. Contracts and clients know nobody.</summary>
public sealed class ProjectTests
{
    /// <summary>What each project of src may reference.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Grains.Interfaces"] = [],
        ["Client"] = [],
        ["Grains"] = ["Grains.Interfaces"],
        ["Api"] = ["Grains.Interfaces"],
        ["AspNetCore"] = ["Client"],
        ["Client.Testing"] = ["Client"],
        ["Silo"] = ["Grains", "Api"],
    };

    /// <summary>What is beside the tests: all but the libraries for clients, which nothing here references.</summary>
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
            .Where(r => !Reachable(project).Contains(r))
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

    /// <summary>A library for tests brings its own parts of xunit: it holds no tests.</summary>
    [Fact]
    public void Test_projects_hold_only_what_differs() => Findings.None(
        Repository.Files.Where(f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(f => !XDocument.Parse(Repository.Read(f)).Descendants("HoldsTests").Any()),
        f => XDocument.Parse(Repository.Read(f)).Descendants()
            .Where(e => e.Name.LocalName is "IsPackable" or "GenerateDocumentationFile"
                || (string?)e.Attribute("Include") is "xunit" or "xunit.runner.visualstudio" or "Microsoft.NET.Test.Sdk" or "Xunit")
            .Select(e => $"{f}: repeats {e}. Drop it: a Directory.Build.props says it for all."));

    [Fact]
    public void There_is_one_build_of_each_source_file() => Findings.None(Repository.Files.Where(IsBuildFile), f => OtherBuilds(f, XDocument.Parse(Repository.Read(f))));

    [Theory]
    [InlineData("<PropertyGroup><Engine>Other</Engine></PropertyGroup>", 1)]
    [InlineData("<PropertyGroup><EmbeddedOnly>true</EmbeddedOnly></PropertyGroup>", 1)]
    [InlineData("<PropertyGroup><DefineConstants>ENGINE_OTHER</DefineConstants></PropertyGroup>", 1)]
    [InlineData("<ItemGroup Condition=\"'$(Engine)' == 'Other'\"/>", 1)]
    [InlineData("<ItemGroup><Compile Include=\"../Other.Tests/A.cs\" Link=\"A.cs\"/></ItemGroup>", 1)]
    [InlineData("<ItemGroup><None Include=\"../../docs/a.txt\" Link=\"a.txt\"/><EmbeddedResource Include=\"a.sql\"/></ItemGroup>", 0)]
    public void A_second_build_of_a_source_file_is_found(string content, int findings) =>
        Assert.Equal(findings, OtherBuilds("a.csproj", XDocument.Parse($"<Project>{content}</Project>")).Count());

    private static bool IsBuildFile(string file) =>
        file.EndsWith(".csproj", StringComparison.Ordinal) || file.EndsWith(".props", StringComparison.Ordinal) || file.EndsWith(".targets", StringComparison.Ordinal);

    private static IEnumerable<string> OtherBuilds(string file, XDocument project)
    {
        foreach (var element in project.Descendants())
        {
            var texts = element.Attributes().Select(a => a.Value).Append(element.HasElements ? "" : element.Value).Append(element.Name.LocalName);
            if (texts.Any(t => t is "Engine" or "EmbeddedOnly" || t.Contains("$(Engine)", StringComparison.Ordinal) || t.Contains("DefineConstants", StringComparison.Ordinal)))
            {
                yield return $"{file}: {element}. There is one build, with one engine. Drop it.";
            }

            if (element.Name.LocalName == "Compile" && ((string?)element.Attribute("Include"))?.StartsWith("..", StringComparison.Ordinal) == true)
            {
                yield return $"{file}: {element}. Make what several projects share a library, as tests/Testing is.";
            }
        }
    }

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
