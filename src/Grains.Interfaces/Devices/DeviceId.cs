namespace SessionCluster.Devices;

/// <summary>The id of a browser that was logged in from; the device cookie is this id plus a MAC.</summary>
/// <param name="Value">A UUID of 122 random bits.</param>
[GenerateSerializer, Immutable, Alias("sc.device-id")]
public readonly record struct DeviceId([property: Id(0)] Guid Value)
{
    /// <summary>Reads a UUID from input.</summary>
    public static bool TryParse(string? text, out DeviceId id)
    {
        var valid = Guid.TryParseExact(text, "D", out var value);
        id = new DeviceId(value);
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}
