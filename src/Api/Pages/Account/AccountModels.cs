namespace SessionCluster.Api.Pages.Account;

/// <summary>The page of a person's own sessions.</summary>
/// <param name="Current">The session of this browser.</param>
/// <param name="Others">The others, the last used first.</param>
/// <param name="OtherCount">How many others there are.</param>
/// <param name="SignIns">Recent sign-ins, the latest first.</param>
/// <param name="Warning">The latest unusual sign-in, if its session is another one and live.</param>
/// <param name="Done">What was just done, in a sentence; null for nothing.</param>
public sealed record AccountModel(
    SessionRow Current,
    IReadOnlyList<SessionRow> Others,
    int OtherCount,
    IReadOnlyList<DeviceInfo> Devices,
    IReadOnlyList<SignIn> SignIns,
    SignIn? Warning,
    string? Done,
    DateTimeOffset Now,
    Frame Frame) : IPageModel
{
    /// <summary>How many notifications the person has not seen.</summary>
    public int Unseen { get; init; }
}

public sealed record SessionRow(SessionInfo Session, DateTimeOffset Now, bool IsCurrent)
{
    public DeviceWords Device { get; } = DeviceWords.Of(Session.LastUserAgent);

    /// <summary>Where the form leads that ends it.</summary>
    public string EndUrl => $"/account/sessions/{Session.Id}/end/";

    /// <summary>Where to say that it was somebody else.</summary>
    public string NotMeUrl => $"/account/sessions/{Session.Id}/not-me/";

    public string DialogId => $"end-{Session.Id}";
}

/// <summary>A sign-in and what was unusual about it.</summary>
/// <param name="IsNewCountry">From a country that no sign-in before it came from.</param>
/// <param name="IsNewNetwork">From a network operator that no sign-in before it came from.</param>
/// <param name="Ending">How it ended, in a few words.</param>
public sealed record SignIn(EventFacts Facts, bool IsNewDevice, bool IsNewCountry, bool IsNewNetwork, bool IsLive, string Ending)
{
    public DeviceWords Device { get; } = DeviceWords.Of(Facts.UserAgent);

    /// <summary>Whether the person should look at it.</summary>
    public bool IsUnusual => IsNewDevice || IsNewCountry;

    /// <summary>What was unusual, as a heading.</summary>
    public string What => (IsNewDevice, IsNewCountry) switch
    {
        (true, true) => "New device and new country",
        (_, true) => "New country",
        _ => "New device",
    };

    /// <summary>Reads the sign-ins of the last 30 days, each compared with those before it only: the first one of all is compared with nothing.</summary>
    /// <param name="logins">The logins, the latest first.</param>
    /// <param name="since">The earliest that is shown.</param>
    public static List<SignIn> Read(
        IReadOnlyList<EventFacts> logins, IReadOnlyList<EventFacts> endings, IReadOnlySet<SessionId> live, DateTimeOffset since, int most)
    {
        var ended = endings.Where(e => e.Event.Session is not null).DistinctBy(e => e.Event.Session).ToDictionary(e => e.Event.Session!.Value);
        var (countries, networks, isFirst) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<long>(), true);
        var signIns = new List<SignIn>();
        foreach (var login in logins.Reverse())
        {
            var (country, network) = (login.Geo?.Country, login.Asn?.Asn);
            var isNewCountry = country is not null && countries.Add(country) && !isFirst;
            var isNewNetwork = network is { } number && networks.Add(number) && !isFirst;
            var session = login.Event.Session;
            var ending = session is { } id && ended.TryGetValue(id, out var end) ? EndingWords.Short(end.StandardReason) : "";
            signIns.Add(new SignIn(login, login.KnownDevice == false && !isFirst, isNewCountry, isNewNetwork, session is { } of && live.Contains(of), ending));
            isFirst = false;
        }

        signIns.Reverse();
        return [.. signIns.Where(signIn => signIn.Facts.Event.Created >= since).Take(most)];
    }
}

/// <summary>The question whether to end several sessions.</summary>
public sealed record EndOthersModel(SessionRow Current, IReadOnlyList<SessionRow> Others, int Count, Frame Frame) : IPageModel;

/// <summary>Says why a session ended.</summary>
/// <param name="At">When; null when it is not known any more.</param>
/// <param name="Session">Its id, for whoever helps.</param>
/// <param name="LoginUrl">Where to sign in again; null when that is not known here.</param>
public sealed record EndedModel(EndingWords Words, DateTimeOffset? At, SessionId Session, string? LoginUrl, Frame Frame) : IPageModel;
