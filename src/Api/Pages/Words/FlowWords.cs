using System.Collections.Frozen;

namespace SessionCluster.Api.Pages.Words;

/// <summary>The words of the flow's pages in one language: the files beside this one.</summary>
public sealed class FlowWords
{
    private static readonly FlowWords English = new("en");

    private static readonly FlowWords German = new("de");

    // The program knows no cultures: where German differs is said here.
    private static readonly NumberFormatInfo GermanNumbers = new() { NumberGroupSeparator = ".", NumberDecimalSeparator = "," };

    private readonly FrozenDictionary<string, string> _texts;

    private FlowWords(string language)
    {
        Language = language;
        using var stream = typeof(FlowWords).Assembly.GetManifestResourceStream($"SessionCluster.Api.Pages.Words.flow.{language}.json")!;
        _texts = JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The language's tag.</summary>
    public string Language { get; }

    public IEnumerable<string> Names => _texts.Keys;

    public string this[string name] => _texts[name];

    /// <summary>The words for a request: of the languages that there are the one that its Accept-Language likes best, else English.</summary>
    public static FlowWords For(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptLanguage.OrderByDescending(entry => entry.Quality ?? 1);
        foreach (var tag in accepted.Where(entry => entry.Quality is not 0).Select(entry => entry.Value.ToString()))
        {
            if (Is(tag, "de"))
            {
                return German;
            }

            if (Is(tag, "en"))
            {
                return English;
            }
        }

        return English;
    }

    public string With(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, _texts[name], values);

    public string Length(TimeSpan length) => TimeWords.Length(length, word => _texts[word], this == German ? GermanNumbers : null);

    private static bool Is(string tag, string language) =>
        tag.Equals(language, StringComparison.OrdinalIgnoreCase) || tag.StartsWith(language + "-", StringComparison.OrdinalIgnoreCase);
}
