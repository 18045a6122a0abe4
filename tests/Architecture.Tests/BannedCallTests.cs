using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SessionCluster.Architecture.Tests;

/// <summary>src/BannedSymbols.txt is enforced while compiling (RS0030); here is what the analyzer does not say about it.</summary>
public sealed class BannedCallTests
{
    private const string Rule = "RS0030";

    /// <summary>Where the rule is lifted. Each place states its reason; a new one is a decision, made here.</summary>
    private static readonly string[] Lifted = ["src/Api/Hosting/ProgramRun.cs", "src/Silo/Hosting/LostMembership.cs", "src/Silo/Storage/SqliteDatabase.cs"];

    private static readonly Lazy<CSharpCompilation> Libraries = new(() => CSharpCompilation.Create(
        "libraries",
        references: ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(f => Path.GetFileName(f).Split('.')[0] is "System" or "Orleans")
            .Select(f => MetadataReference.CreateFromFile(f))));

    [Fact]
    public void Every_banned_name_exists_and_has_a_replacement() =>
        Findings.None(Repository.Read("src/BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries), WrongEntry);

    [Theory]
    [InlineData("P:System.DateTime.UtcNow;Use TimeProvider", 0)]
    [InlineData("P:System.DateTime.UtcNow", 1)]
    [InlineData("P:System.DateTime.UtcNov;Use TimeProvider", 1)]
    [InlineData("M:System.Threading.Thread.Sleep(System.Int64);Use Task.Delay", 1)]
    public void A_ban_without_effect_or_replacement_is_found(string entry, int findings) =>
        Assert.Equal(findings, WrongEntry(entry).Count());

    [Fact]
    public void A_ban_is_lifted_only_where_it_is_written_down() => Assert.Equal(
        Lifted, Repository.Sources.Where(f => f.IsIn("src") && Lifts(f)).Select(f => f.Path).Order(StringComparer.Ordinal));

    [Fact]
    public void Both_ways_of_lifting_are_seen()
    {
        Assert.True(Lifts(SourceFile.Parse("a.cs", "#pragma warning disable RS0030\nclass A;")));
        Assert.True(Lifts(SourceFile.Parse("a.cs", "[SuppressMessage(\"ApiDesign\", \"RS0030\")] class A;")));
        Assert.True(Lifts(SourceFile.Parse("a.cs", "#pragma warning disable\nclass A;")));
        Assert.False(Lifts(SourceFile.Parse("a.cs", "#pragma warning disable CA1000\nclass A;")));
    }

    private static IEnumerable<string> WrongEntry(string entry)
    {
        var parts = entry.Split(';', 2);
        if (parts.Length < 2 || parts[1].Trim().Length == 0)
        {
            yield return $"{entry}: say after a ';' what to use instead.";
        }

        if (DocumentationCommentId.GetFirstSymbolForDeclarationId(parts[0], Libraries.Value) is null)
        {
            yield return $"{entry}: no such name, so nothing is banned. Correct its documentation id.";
        }
    }

    private static bool Lifts(SourceFile file)
    {
        var pragmas = file.Tree.DescendantTrivia().Where(t => t.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia))
            .Select(t => (PragmaWarningDirectiveTriviaSyntax)t.GetStructure()!);
        return pragmas.Any(p => p.ErrorCodes.Count == 0 || p.ErrorCodes.Any(c => c.ToString() == Rule))
            || file.Tree.DescendantNodes().OfType<AttributeSyntax>()
                .Any(a => a.Name.ToString().Contains("SuppressMessage", StringComparison.Ordinal) && a.ToString().Contains(Rule, StringComparison.Ordinal));
    }
}
