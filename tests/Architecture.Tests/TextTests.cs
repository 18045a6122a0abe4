namespace SessionCluster.Architecture.Tests;

public sealed class TextTests
{
    private const string Ending = ".md";

    [Fact]
    public void Files_name_nothing_of_one_machine() =>
        Findings.None(Repository.TextFiles, f => TextRules.NothingOfTheMachine(f, Repository.Read(f)));

    [Fact]
    public void Nothing_is_left_for_later() =>
        Findings.None(Repository.TextFiles, f => TextRules.NothingLeftForLater(f, Repository.Read(f)));

    [Fact]
    public void What_is_cited_is_in_the_repository()
    {
        var files = Repository.Files.ToHashSet();
        Findings.None(Repository.TextFiles, f => TextRules.NothingCitedFromElsewhere(f, Repository.Read(f), files.Contains));
    }

    [Fact]
    public void Folders_are_named_for_their_subject() => Findings.None(Repository.Files.Where(Repository.IsCode), TextRules.FolderNames);

    [Theory]
    [InlineData("cp x ", "work/x", 1)]
    [InlineData("\"", "tmp/", 1)]
    [InlineData("HOME=", "root/.a", 1)]
    [InlineData("https://example.org", "work/x", 0)]
    [InlineData("src", "tmp/x", 0)]
    public void A_machines_path_is_found(string before, string path, int findings) =>
        Assert.Equal(findings, TextRules.NothingOfTheMachine("a", $"first\n{before}/{path}").Count());

    [Theory]
    [InlineData("https://a/v3", "/index.json", 1)]
    [InlineData("<Restore", "Sources>", 1)]
    [InlineData("<Package", "Reference>", 0)]
    public void A_package_source_is_found(string start, string end, int findings) =>
        Assert.Equal(findings, TextRules.NothingOfTheMachine("a", start + end).Count());

    [Theory]
    [InlineData("docs/page", ".md", 0)]
    [InlineData("page", ".md", 0)]
    [InlineData("(page", ".md#part)", 0)]
    [InlineData("../README", ".md", 0)]
    [InlineData("https://example.org/other", ".md", 0)]
    [InlineData("other", ".md", 1)]
    [InlineData("docs/other", ".md section 3", 1)]
    [InlineData("spe", "c section 3", 1)]
    [InlineData("specific", " section 3", 0)]
    public void A_page_that_is_cited_from_elsewhere_is_found(string start, string end, int findings) => Assert.Equal(
        findings, TextRules.NothingCitedFromElsewhere("docs/a.txt", $"first\n{start}{end}", file => file is $"docs/page{Ending}" or $"README{Ending}").Count());

    [Theory]
    [InlineData("// TO", "DO later", 1)]
    [InlineData("FIX", "ME", 1)]
    [InlineData("# HA", "CK:", 1)]
    [InlineData("HA", "CKNEY", 0)]
    [InlineData("nothing to", "do", 0)]
    public void A_mark_for_later_is_found(string start, string end, int findings) =>
        Assert.Equal(findings, TextRules.NothingLeftForLater("a", start + end).Count());

    [Theory]
    [InlineData("src/Api/Helpers/A.cs", 1)]
    [InlineData("src/Api/utils/A.cs", 1)]
    [InlineData("src/Api/Sessions/Helpers.cs", 0)]
    public void A_folder_for_anything_is_found(string file, int findings) =>
        Assert.Equal(findings, TextRules.FolderNames(file).Count());
}
