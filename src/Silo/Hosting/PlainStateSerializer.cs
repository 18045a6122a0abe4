namespace SessionCluster.Silo.Hosting;

/// <summary>How Orleans' own provider writes states: as the JSON that all our rows are, without names of types.</summary>
internal sealed class PlainStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input!, StateTypes.JsonOf<T>()));

    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize(input.ToMemory().Span, StateTypes.JsonOf<T>())!;
}
