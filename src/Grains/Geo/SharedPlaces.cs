namespace SessionCluster.Geo;

/// <summary>One object for equal networks and places of sessions, in a fixed number of slots. Safe for concurrent use.</summary>
internal static class SharedPlaces
{
    private const int Slots = 4096;

    private static readonly AsnInfo?[] Networks = new AsnInfo?[Slots];

    private static readonly GeoInfo?[] Places = new GeoInfo?[Slots];

    public static AsnInfo? Of(AsnInfo? network) => Find(Networks, network);

    public static GeoInfo? Of(GeoInfo? place) => Find(Places, place);

    // A slot is replaced whole.
    private static T? Find<T>(T?[] slots, T? value)
        where T : class
    {
        if (value is null)
        {
            return null;
        }

        ref var slot = ref slots[(uint)value.GetHashCode() % Slots];
        var kept = Volatile.Read(ref slot);
        if (value.Equals(kept))
        {
            return kept;
        }

        Volatile.Write(ref slot, value);
        return value;
    }
}
