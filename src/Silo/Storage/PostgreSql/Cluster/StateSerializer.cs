namespace SessionCluster.Silo.Storage;

/// <summary>The states of the silos in the form that the storage statements take apart; see <see cref="StateDocument"/>.</summary>
internal sealed class StateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(StateDocument.Write(input!));

    public T Deserialize<T>(BinaryData input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return StateDocument.Read<T>(input.ToMemory().Span);
    }
}
