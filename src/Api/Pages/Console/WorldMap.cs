using Microsoft.AspNetCore.Html;

namespace SessionCluster.Api.Pages.Console;

/// <summary>Places points on the map of <c>world.svg</c>: Natural Earth's projection, centred on 11 degrees east.</summary>
internal static class WorldMap
{
    public const int Width = 960;

    public const int Height = 420;

    private const int MostSpots = 200;

    private const double Scale = 175.478;

    private static readonly string World = PageAssets.Url("world.svg") + "#world";

    /// <summary>The point of a place; outside of the map where it does not show it.</summary>
    public static (double X, double Y) Place(double latitude, double longitude)
    {
        var l = double.DegreesToRadians(Math.IEEERemainder(longitude - 11, 360));
        var p = double.DegreesToRadians(latitude);
        double p2 = p * p, p4 = p2 * p2;
        return (480 + (Scale * l * (0.8707 - (0.131979 * p2) + (p4 * (-0.013791 + (p4 * ((0.003971 * p2) - (0.001529 * p4))))))),
                243.5 - (Scale * p * (1.007226 + (p2 * (0.015085 + (p4 * (-0.044475 + (0.028874 * p2) - (0.005916 * p4))))))));
    }

    /// <summary>The map with discs for live sessions, larger where there are more, and rings.</summary>
    /// <param name="label">What it shows, in words.</param>
    /// <param name="sessions">Places of live sessions.</param>
    /// <param name="rings">Places of what is marked.</param>
    public static HtmlString Draw(string label, IEnumerable<GeoInfo?> sessions, IEnumerable<GeoInfo?> rings)
    {
        // Places of one degree each, the largest first.
        var cells = sessions.Where(IsPlaced).GroupBy(CellOf).OrderByDescending(cell => cell.Count()).Take(MostSpots).ToDictionary(cell => cell.Key, cell => cell.ToList());
        var spots = cells.Values.Select(cell => Spot(SizeOf(cell.Count), cell[0]!));
        // A ring around live sessions leaves them to be seen.
        var marks = rings.Where(IsPlaced).Take(MostSpots).Select(geo => Spot(" ring", geo!) + Spot(cells.ContainsKey(CellOf(geo)) ? " core full" : " core", geo!));
        return new HtmlString(
            $"""<svg class="map" viewBox="0 0 {Width} {Height}" role="img" aria-label="{System.Net.WebUtility.HtmlEncode(label)}"><use href="{World}"/><g>{string.Concat(spots)}</g><g>{string.Concat(marks)}</g></svg>""");
    }

    private static (double Latitude, double Longitude) CellOf(GeoInfo? geo) => (Math.Round(geo!.Lat!.Value), Math.Round(geo.Long!.Value));

    private static bool IsPlaced(GeoInfo? geo) =>
        geo is { Lat: >= -90 and <= 90, Long: >= -180 and <= 180 } && Place(geo.Lat.Value, geo.Long.Value) is { X: >= 0 and <= Width, Y: >= 0 and <= Height };

    private static string SizeOf(int count) => count switch
    {
        >= 5000 => " n5",
        >= 1000 => " n4",
        >= 100 => " n3",
        >= 10 => " n2",
        _ => "",
    };

    // A line without length is a dot that keeps its size at any width.
    private static string Spot(string kind, GeoInfo geo)
    {
        var (x, y) = Place(geo.Lat!.Value, geo.Long!.Value);
        return string.Create(CultureInfo.InvariantCulture, $"""<path class="spot{kind}" d="M{x:0.#} {y:0.#}h0"/>""");
    }
}

/// <summary>
/// Where sessions are, by a sample of those used last. Reading all of a million would take seconds; the sample is read by an index, and kept for
/// a minute.
/// </summary>
internal sealed class PlaceSample(IGrainFactory grains, TimeProvider time) : IDisposable
{
    /// <summary>Most sessions of the sample.</summary>
    public const int Size = 1000;

    private const int PageSize = 100;

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _reading = new(1);

    private (long Since, IReadOnlyList<GeoInfo?> Places)? _kept;

    public void Dispose() => _reading.Dispose();

    /// <summary>The places of the sample, null where one is not known.</summary>
    public async Task<IReadOnlyList<GeoInfo?>> Read()
    {
        await _reading.WaitAsync();
        try
        {
            if (_kept is { } kept && time.GetElapsedTime(kept.Since) < KeptFor)
            {
                return kept.Places;
            }

            var places = new List<GeoInfo?>(Size);
            for (var offset = 0; offset < Size; offset += PageSize)
            {
                var query = new SessionQuery(SessionOrder.LastUsed, Descending: true, offset, PageSize);
                var page = await grains.SessionList().Search(query);
                places.AddRange(page.Sessions.Select(session => session.Geo));
                // A row of a newer program is counted and not in the page.
                if (offset + PageSize >= page.Count)
                {
                    break;
                }
            }

            _kept = (time.GetTimestamp(), places);
            return places;
        }
        finally
        {
            _reading.Release();
        }
    }
}
