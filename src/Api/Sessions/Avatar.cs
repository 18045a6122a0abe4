namespace SessionCluster.Api.Sessions;

/// <summary>A picture of a user that comes from nowhere else: the initials on a plain ground, as a data: URI of an SVG.</summary>
internal static class Avatar
{
    public static readonly string Nobody = Draw("?", "#5b6472");

    // Dark enough for white text: each has a contrast of at least 4.5 to 1.
    private static readonly string[] Grounds = ["#1f5fbf", "#7a3fb0", "#a8324a", "#00695c", "#8a4b00", "#37618e", "#5d6b00", "#9c2f8f"];

    /// <summary>The picture of a user, or of nobody.</summary>
    public static string Of(UserFacts? user)
    {
        if (user is null)
        {
            return Nobody;
        }

        var sum = user.Id.Value.Aggregate(0, (before, character) => unchecked((before * 31) + character));
        return Draw(Initials(user), Grounds[(sum & int.MaxValue) % Grounds.Length]);
    }

    /// <summary>The first letters of the first and the last word of the name; of one word, or of the username, its first.</summary>
    public static string Initials(UserFacts user)
    {
        var text = string.IsNullOrWhiteSpace(user.Name) ? user.Username : user.Name;
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length switch
        {
            0 => "?",
            1 => First(words[0]),
            _ => First(words[0]) + First(words[^1]),
        };
    }

    private static string First(string word) => StringInfo.GetNextTextElement(word).ToUpperInvariant();

    private static string Draw(string initials, string ground)
    {
        var svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"64\" viewBox=\"0 0 64 64\">" +
            $"<rect width=\"64\" height=\"64\" fill=\"{ground}\"/>" +
            "<text x=\"32\" y=\"32\" fill=\"#fff\" font-family=\"sans-serif\" font-size=\"26\" text-anchor=\"middle\" dominant-baseline=\"central\">" +
            $"{WebUtility.HtmlEncode(initials)}</text></svg>";
        return "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(svg));
    }
}
