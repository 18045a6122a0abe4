using System.Text.Json.Serialization;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Storage;

/// <summary>How stored rows are written as JSON, on every engine and database. Additive only: old rows must stay readable.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters = [typeof(UnixMicros)])]
[JsonSerializable(typeof(LedgerV1))]
[JsonSerializable(typeof(SessionV1))]
[JsonSerializable(typeof(EndedV1))]
[JsonSerializable(typeof(StageCatalogV1))]
[JsonSerializable(typeof(PlanV1))]
public sealed partial class StateJson : JsonSerializerContext;
