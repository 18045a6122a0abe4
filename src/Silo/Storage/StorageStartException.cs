using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The storage cannot be used: the program must not start. The message is for the operator: it names what is wrong, the
/// setting and what to do.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "Made here only, always with a message.")]
public sealed class StorageStartException(string message, Exception? inner = null) : IOException(message, inner);
