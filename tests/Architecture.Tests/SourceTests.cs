namespace SessionCluster.Architecture.Tests;

public sealed class SourceTests
{
    [Fact]
    public void Grains_and_contracts_know_no_database_and_no_http() =>
        Findings.None(Repository.Sources.Where(f => f.IsIn("src/Grains", "src/Grains.Interfaces")), SourceRules.HostIndependence);

    [Fact]
    public void Nothing_is_compiled_on_a_condition() => Findings.None(Repository.Sources, SourceRules.OneText);

    [Fact]
    public void Namespaces_follow_folders() => Findings.None(Repository.Sources, f => NamespaceRules.FollowFolders(f, Repository.RootNamespace(f.Path)));

    [Fact]
    public void Files_are_short_or_say_why_not() => Findings.None(Repository.Sources, SourceRules.FileLength);

    [Fact]
    public void Methods_are_short() => Findings.None(Repository.Sources, SourceRules.MethodLength);

    [Fact]
    public void Grains_methods_show_their_course_at_a_glance()
    {
        var grains = Repository.Sources.Where(f => f.IsIn("src")).SelectMany(SourceRules.GrainClasses).ToHashSet();
        Assert.NotEmpty(grains);
        Findings.None(Repository.Sources.Where(f => f.IsIn("src")), f => SourceRules.GrainMethodLength(f, grains));
    }

    [Theory]
    [InlineData("using Npgsql;\nclass A;", 1)]
    [InlineData("class A { Microsoft.AspNetCore.Http.HttpContext? _context; }", 1)]
    [InlineData("/// <summary>Npgsql says so.</summary>\nclass A;", 0)]
    public void A_host_that_a_grain_names_is_found(string text, int findings) => Assert.Equal(findings, Check(text, SourceRules.HostIndependence).Count);

    [Fact]
    public void A_condition_is_found() => Assert.Single(Check("class A\n{\n#if OTHER\n#endif\n}", SourceRules.OneText));

    [Theory]
    [InlineData("namespace SessionCluster.Sub;", 0)]
    [InlineData("namespace SessionCluster.Other;", 1)]
    [InlineData("namespace SessionCluster;", 1)]
    [InlineData("namespace SessionCluster.Sub { }", 1)]
    [InlineData("using System;", 0)]
    public void A_namespace_beside_its_folder_is_found(string text, int findings) => Assert.Equal(
        findings, NamespaceRules.FollowFolders(SourceFile.Parse("src/Grains/Sub/A.cs", text), ("src/Grains", "SessionCluster")).Count());

    [Theory]
    [InlineData(300, "", 0)]
    [InlineData(301, "", 1)]
    [InlineData(301, "// Over 300 lines because a table reads best in one piece.", 0)]
    public void A_long_file_is_found_unless_it_says_why(int lines, string first, int findings) =>
        Assert.Equal(findings, Check(first + new string('\n', lines - 1) + "class A;\n", SourceRules.FileLength).Count);

    [Fact]
    public void A_reason_that_comes_late_does_not_count() => Assert.Single(
        Check(new string('\n', 15) + SourceRules.LengthReason + " of x." + new string('\n', 300) + "class A;", SourceRules.FileLength));

    [Theory]
    [InlineData(70, 0)]
    [InlineData(71, 1)]
    public void A_long_method_is_found_its_attributes_not_counted(int lines, int findings) => Assert.Equal(
        findings, Check($"class A\n{{\n[B]\n[C]\nvoid D()\n{{{new string('\n', lines - 2)}}}\n}}", SourceRules.MethodLength).Count);

    [Theory]
    [InlineData("public", 30, 0)]
    [InlineData("public", 31, 1)]
    [InlineData("private", 31, 0)]
    public void A_long_public_method_of_a_grain_is_found(string visibility, int lines, int findings)
    {
        var file = SourceFile.Parse("a.cs", $"class A\n{{\n{visibility} void D()\n{{{new string('\n', lines - 2)}}}\n}}");
        Assert.Equal(findings, SourceRules.GrainMethodLength(file, new HashSet<string> { "A" }).Count());
        Assert.Empty(SourceRules.GrainMethodLength(file, new HashSet<string> { "B" }));
    }

    private static List<string> Check(string text, Func<SourceFile, IEnumerable<string>> rule) =>
        [.. rule(SourceFile.Parse("src/Grains/A.cs", text))];
}
