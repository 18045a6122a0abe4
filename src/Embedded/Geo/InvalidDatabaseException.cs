using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Embedded.Geo;

/// <summary>A file is not a sound MaxMind DB. The message says what is wrong and at which byte of the file.</summary>
[SuppressMessage("Design", "CA1032", Justification = "MaxMind.Db's shape.")]
public sealed class InvalidDatabaseException : Exception
{
    public InvalidDatabaseException(string message) : base(message)
    {
    }

    public InvalidDatabaseException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
