using System.Text.RegularExpressions;

namespace SessionCluster.Architecture.Tests;

/// <summary>Rules for all text files. The patterns are written so that they do not find themselves.</summary>
internal static partial class TextRules
{
    /// <summary>Paths and hosts of the machine that something was written on say nothing on any other.</summary>
    public static IEnumerable<string> NothingOfTheMachine(string file, string text)
    {
        foreach (var (line, number) in Lines(text))
        {
            if (MachinePath().Match(line) is { Success: true } path)
            {
                yield return $"{file}:{number}: names {path.Value}. Use a path relative to the repository, or the system's temporary folder.";
            }

            if (PackageSource().Match(line) is { Success: true } source)
            {
                yield return $"{file}:{number}: names a package source ({source.Value}). That is set where the project is built, not in it.";
            }
        }
    }

    public static IEnumerable<string> NothingLeftForLater(string file, string text)
    {
        foreach (var (line, number) in Lines(text))
        {
            if (LeftForLater().Match(line) is { Success: true } mark)
            {
                yield return $"{file}:{number}: {mark.Value}. Do it, or state the limit in docs/decisions.md.";
            }
        }
    }

    /// <summary>What a text cites is in the repository: a newcomer has nothing else.</summary>
    /// <param name="file">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="exists">Whether the repository holds a path.</param>
    public static IEnumerable<string> NothingCitedFromElsewhere(string file, string text, Func<string, bool> exists)
    {
        var folder = file.Contains('/', StringComparison.Ordinal) ? file[..file.LastIndexOf('/')] : "";
        foreach (var (line, number) in Lines(text))
        {
            foreach (Match page in Page().Matches(line))
            {
                if (!exists(page.Value) && !exists($"docs/{page.Value}") && !exists(Path.GetRelativePath(".", Path.Combine(folder, page.Value)).Replace('\\', '/')))
                {
                    yield return $"{file}:{number}: cites {page.Value}, which the repository does not hold. Say it here, or cite a page in docs.";
                }
            }

            if (Elsewhere().Match(line) is { Success: true } cited)
            {
                yield return $"{file}:{number}: cites \"{cited.Value}\". Name the page in docs that says it.";
            }
        }
    }

    /// <summary>Folders are named for what they know.</summary>
    public static IEnumerable<string> FolderNames(string file)
    {
        foreach (var folder in file.Split('/').SkipLast(1))
        {
            if (Drawer().IsMatch(folder))
            {
                yield return $"{file}: lies in {folder}, a name for anything. Name the folder after its subject.";
            }
        }
    }

    private static IEnumerable<(string Line, int Number)> Lines(string text) => text.Split('\n').Select((line, i) => (line, i + 1));

    [GeneratedRegex(@"(?<![\w./])/(?:work|tmp|root)/[\w.-]*")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"/v3[/]index\.json|registry[.]npmjs|artifacto[r]y|<package[S]ources>|Restore[S]ources", RegexOptions.IgnoreCase)]
    private static partial Regex PackageSource();

    [GeneratedRegex(@"\b(?:TO[D]O|FIX[M]E|HAC[K])\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"(?<![\w./:-])(?:[.]{1,2}/)*(?:[\w.-]+/)*[\w-]+[.]md\b")]
    private static partial Regex Page();

    [GeneratedRegex(@"\bspe[c] (?:section|§)|\bthe spe[c]\b|\bseed (?:document|page)", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();

    [GeneratedRegex("^(?:Helper|Common|Util|Utilitie|Manager|Extension|Misc)s?$", RegexOptions.IgnoreCase)]
    private static partial Regex Drawer();
}
