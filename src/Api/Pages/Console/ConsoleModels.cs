using Microsoft.AspNetCore.Html;

namespace SessionCluster.Api.Pages.Console;

/// <summary>A number of the overview and how it went over the last hour.</summary>
public sealed record Tile(string Name, string? Url, string Value, string Unit, string Said, IReadOnlyList<double> Curve);

/// <summary>Newest events.</summary>
/// <param name="Seen">The one that was on top before; empty when the page is new.</param>
public sealed record NewestModel(IReadOnlyList<EventFacts> Events, string Seen, DateTimeOffset Now)
{
    public string Top => Events.Count > 0 ? Events[0].Event.Pk.ToString() : "";

    /// <summary>How many came since.</summary>
    public int Fresh { get; } = Seen.Length == 0 ? 0 : Events.TakeWhile(entry => entry.Event.Pk.ToString() != Seen).Count();
}

/// <summary>A bar of the day's chart.</summary>
public sealed record HourBar(DateTimeOffset Hour, long Logins, long Endings);

/// <summary>The charts of the overview: the last hour and the last day.</summary>
public sealed record ChartsModel(IReadOnlyList<(DateTimeOffset At, double Value)> Checks, IReadOnlyList<HourBar> Hours);

/// <summary>Where live sessions are: the map, and the countries of the same sample.</summary>
public sealed record PlacesModel(HtmlString Map, IReadOnlyList<(string Country, int Count)> Countries, int Sampled);

/// <summary>Endings of the last day by their reason.</summary>
public sealed record EndingsModel(IReadOnlyList<(string Reason, long Count)> Endings);

/// <summary>The overview: parts that are also asked for one by one, so that an open page stays up to date.</summary>
public sealed record OverviewModel(
    IReadOnlyList<Tile> Tiles, ChartsModel Charts, PlacesModel? Places, NewestModel? Newest, EndingsModel Endings, DateTimeOffset Now, Frame Frame) : IPageModel;

/// <summary>Links to the pages of a list.</summary>
/// <param name="Number">The page shown.</param>
/// <param name="Size">Rows of a page.</param>
/// <param name="Count">Rows in all.</param>
/// <param name="Url">The address of a page, all but its number.</param>
/// <param name="IsMore">Whether there are more rows than are counted.</param>
public sealed record PagerModel(int Number, int Size, int Count, string Url, bool IsMore = false)
{
    public int Last => Math.Max(1, (int)(((long)Count + Size - 1) / Size));

    /// <summary>The numbers to show; 0 for a gap.</summary>
    public IEnumerable<int> Numbers
    {
        get
        {
            var before = 0;
            foreach (var number in new[] { 1, Number - 1, Number, Number + 1, Last }.Where(number => number >= 1 && number <= Last).Distinct().Order())
            {
                if (number > before + 1)
                {
                    yield return 0;
                }

                yield return before = number;
            }
        }
    }
}

/// <summary>How a list is sorted.</summary>
/// <param name="Order">What by; behind a minus sign, backwards.</param>
/// <param name="Url">The address of the list, all but its order.</param>
public sealed record Sorting(string Order, string Url)
{
    /// <summary>How a column is sorted, as <c>aria-sort</c> says it; null when the list is sorted by another.</summary>
    public string? Of(string column) => Order == column ? "ascending" : Order == "-" + column ? "descending" : null;

    /// <summary>The list sorted by a column: the other way round where it is already.</summary>
    public string By(string column, bool descending) => Url + "ordering=" + ((Of(column) is { } now ? now == "ascending" : descending) ? "-" : "") + column;
}

/// <summary>The filters of a list that are in use.</summary>
/// <param name="Filters">What each says, and the address of the list without it.</param>
public sealed record FiltersModel(IReadOnlyList<(string Text, string Without)> Filters, string ClearUrl);

public sealed record SessionTable(IReadOnlyList<SessionInfo> Rows, DateTimeOffset Now, bool HasUser, Sorting? Sorting = null);

public sealed record SessionsModel(
    SessionTable Table, PagerModel Pager, IReadOnlyDictionary<string, string> Filters, FiltersModel InUse, IReadOnlyDictionary<string, string> Faults, string Order, DateTimeOffset Now, Frame Frame)
    : IPageModel;

/// <summary>One session, live or ended.</summary>
/// <param name="Login">The event of its login, while it is kept.</param>
/// <param name="Events">All its events, the newest first.</param>
/// <param name="Receipt">Of an ending that was just asked for.</param>
public sealed record SessionModel(
    SessionId Id, SessionInfo? Live, EventFacts? Login, EventFacts? Ending, IReadOnlyList<EventFacts> Events, Receipt? Receipt, DateTimeOffset Now, Frame Frame) : IPageModel
{
    public UserFacts? User => Live?.User ?? Login?.Event.User ?? Ending?.Event.User;

    public DeviceWords Device => DeviceWords.Of(Live?.LastUserAgent ?? Login?.UserAgent ?? "");

    public string UserName => User is { } user ? (user.Username.Length > 0 ? user.Username : user.Id.Value) : "";
}

/// <summary>The list of users.</summary>
/// <param name="Users">The users of the page, and whether others come after them.</param>
/// <param name="Prefix">How their names or keys begin.</param>
/// <param name="FirstUrl">The first page; null on it.</param>
/// <param name="NextUrl">The next one; null where there is none.</param>
public sealed record UsersModel(UserPage Users, string Prefix, Sorting Sorting, string? FirstUrl, string? NextUrl, DateTimeOffset Now, Frame Frame) : IPageModel;

/// <summary>The field for a user's key.</summary>
/// <param name="Fault">What is wrong with it; null for nothing.</param>
/// <param name="Frame">What stands around.</param>
public sealed record UserFindModel(string Key, string? Fault, Frame Frame) : IPageModel;

public sealed record UserModel(
    UserInfo User, UserFacts? Facts, SessionTable Table, IReadOnlyList<DeviceInfo> Devices, IReadOnlyList<EventFacts> Events, Receipt? Receipt, string? Done, DateTimeOffset Now, Frame Frame) : IPageModel
{
    public string Name => Facts is { Name.Length: > 0 } ? Facts.Name : UserName;

    /// <summary>Its login name, or key.</summary>
    public string UserName => Facts is { Username.Length: > 0 } ? Facts.Username : User.Id.Value;

    /// <summary>Where one of its forms leads.</summary>
    public string To(string action) => Links.User(Facts ?? UserFacts.Unnamed(User.Id), action);
}

public sealed record ReceiptModel(Receipt Receipt);

/// <summary>Rows of events, and what asks for those that come after them.</summary>
/// <param name="Events">The events, the newest first.</param>
/// <param name="Top">The event that is on top of the page then, empty for none; null where the page is not to grow.</param>
/// <param name="Url">The address of the list, all but a page's number.</param>
/// <param name="IsFresh">Whether they came after the page was made.</param>
/// <param name="IsWhole">Whether no other event came between them and those below.</param>
public sealed record EventRowsModel(IReadOnlyList<EventFacts> Events, string? Top, string Url, DateTimeOffset Now, bool IsFresh = false, bool IsWhole = true);

public sealed record EventsModel(
    EventRowsModel Rows, PagerModel Pager, IReadOnlyDictionary<string, string> Filters, FiltersModel InUse, string Retention, DateTimeOffset Now, Frame Frame) : IPageModel;

public sealed record EventModel(EventFacts Facts, Frame Frame) : IPageModel;

public sealed record StagesModel(ImmutableArray<StageInfo> Stages, string? Done, Frame Frame) : IPageModel;

/// <summary>One stage, as it is saved and as it is typed.</summary>
/// <param name="Stage">As saved; null for a new one.</param>
/// <param name="Values">What the fields hold.</param>
/// <param name="Faults">What is wrong with them.</param>
/// <param name="Warnings">What is allowed and hardly meant.</param>
public sealed record StageModel(
    StageInfo? Stage, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Faults, IReadOnlyList<string> Warnings, string? Done, Frame Frame) : IPageModel
{
    /// <summary>Where the form leads.</summary>
    public string Action => Stage is null ? "/admin/stages/new/" : $"/admin/stages/{Stage.Pk}/";
}

/// <summary>A field that holds a duration.</summary>
/// <param name="Label">How people call it.</param>
/// <param name="Zero">What no time at all means for it.</param>
/// <param name="Fault">What is wrong with that; null for nothing.</param>
public sealed record DurationField(string Name, string Label, string Help, string Zero, string Value, string? Fault)
{
    /// <summary>The value in words; null when it is not a duration.</summary>
    public string? Said => Fault is null && DurationParser.TryParse(Value, out var duration, out _) ? (duration.Value == TimeSpan.Zero ? Zero : TimeWords.Length(duration.Value)) : null;
}

/// <summary>What bindings make of a change of address.</summary>
public sealed record BindingsModel(
    string From, string To, IReadOnlyDictionary<string, string> Faults, BindingExplanation? Explanation, HtmlString? Map, IReadOnlyList<GeoDatabaseInfo> Databases, Frame Frame) : IPageModel;

/// <summary>A process of the cluster; one that is alone listens to no other and has no address.</summary>
public sealed record ClusterMember(string Name, string? Address, string Status, DateTimeOffset Started, DateTimeOffset Seen);

public sealed record ClusterModel(
    IReadOnlyList<ClusterMember>? Members, string? NotReady, string Version, string Database, string? DatabaseSize, int EdgeSessions, TimeSpan Lease, Totals Hour, IReadOnlyList<GeoDatabaseInfo> Databases,
    bool HasHealth, DateTimeOffset Now, Frame Frame) : IPageModel;

/// <summary>Addresses of the console's pages.</summary>
internal static class Links
{
    /// <summary>A user's page, or a form of it. The name goes along: what events there are of a user is found by it.</summary>
    public static string User(UserFacts user, string action = "") =>
        $"/admin/users/{Uri.EscapeDataString(user.Id.Value)}/{action}{(user.Username.Length > 0 ? "?username=" + Uri.EscapeDataString(user.Username) : "")}";
}
