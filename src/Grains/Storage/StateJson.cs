using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace SessionCluster.Storage;

/// <summary>
/// How stored rows are written as JSON, on every engine and database. Additive only: old rows must stay readable, and what
/// one does not have is null, 0 or the default of its type, whatever the record begins with. A row that a newer program
/// has made unreadable for this one is refused whole (docs/operations.md says when that is): half of it would be stored again without the rest.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters =
    [
        typeof(UnixMicros), typeof(DurationJson), typeof(UserIdJson), typeof(SessionIdJson), typeof(DeviceIdJson),
        typeof(KnownNumber<NetworkBinding>), typeof(KnownNumber<GeoIpBinding>), typeof(KnownNumber<TransportMode>), typeof(KnownNumber<AlertSeverity>),
    ])]
[JsonSerializable(typeof(LedgerV1))]
[JsonSerializable(typeof(SessionV1))]
[JsonSerializable(typeof(EndedV1))]
[JsonSerializable(typeof(StageCatalogV1))]
[JsonSerializable(typeof(PlanV1))]
[JsonSerializable(typeof(AlertCatalogV1))]
[JsonSerializable(typeof(AlertDeliveryV1))]
[JsonSerializable(typeof(NotificationsV1))]
[JsonSerializable(typeof(Operators.SignedOutV1))]
public sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>The schema that a row says it has, where this program knows it.</summary>
    /// <param name="newest">The last one of this kind of row.</param>
    /// <exception cref="StorageUnavailableException">It does not.</exception>
    public static int KnownSchema(int schema, int newest = 1) => schema <= newest ? schema : throw StorageUnavailableException.NewerRow();
}

/// <summary>
/// An enum is stored as its number. One that this program does not know refuses the row: a binding that is not understood must not be taken
/// for one that holds.
/// </summary>
internal sealed class KnownNumber<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Unsafe.BitCast<int, T>(reader.GetInt32()) is var value && Enum.IsDefined(value) ? value : throw StorageUnavailableException.NewerRow();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(Unsafe.BitCast<T, int>(value));
}

/// <summary>
/// Moments are stored as whole microseconds since 1970 (UTC): numbers index and compare the same in every database,
/// and a microsecond is the precision of authentik's durations.
/// </summary>
public sealed class UnixMicros : JsonConverter<DateTimeOffset>
{
    public static long From(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToMoment(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>The moment without what a row cannot hold: UTC, whole microseconds.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset moment) => ToMoment(From(moment));

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ToMoment(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteNumberValue(From(value));
}

/// <summary>Ids are stored as what they name: a text or a UUID.</summary>
internal sealed class UserIdJson : JsonConverter<UserId>
{
    public override UserId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, UserId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <inheritdoc cref="UserIdJson"/>
internal sealed class SessionIdJson : JsonConverter<SessionId>
{
    public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());

    public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <inheritdoc cref="UserIdJson"/>
internal sealed class DeviceIdJson : JsonConverter<DeviceId>
{
    public override DeviceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());

    public override void Write(Utf8JsonWriter writer, DeviceId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>Durations are stored verbatim, as their texts.</summary>
internal sealed class DurationJson : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Duration.Load(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
