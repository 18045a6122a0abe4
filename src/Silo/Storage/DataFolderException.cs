using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The data folder cannot be used: the program must not start. The message is for the operator: it names the folder, the
/// setting and what to do.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "Made here only, always with a message.")]
public sealed class DataFolderException(string message, Exception? inner = null) : StorageStartException(message, inner);
