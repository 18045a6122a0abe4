using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Client;

/// <summary>The server did not answer in time, could not be reached, or said that it cannot serve. Nothing is known of the session.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">The cause, if there is one.</param>
[SuppressMessage("Design", "CA1032", Justification = "It always says what happened.")]
public sealed class SessionClusterUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>When the server asks to be tried again; one second unless it said so.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>The server refused the call itself: a wrong key, a missing role, an unknown stage, a wrong field. The message says the fix.</summary>
/// <param name="message">What is wrong, and what to do.</param>
/// <param name="statusCode">The status of the answer.</param>
/// <param name="problem">The kind of problem (RFC 9457 <c>type</c>), such as <c>invalid-request</c>; empty when the answer had none.</param>
[SuppressMessage("Design", "CA1032", Justification = "It always says what is wrong.")]
public sealed class SessionClusterRequestException(string message, int statusCode, string problem) : Exception(message)
{
    /// <summary>The status of the answer.</summary>
    public int StatusCode => statusCode;

    /// <summary>The kind of problem, such as <c>invalid-request</c>; empty when the answer had none.</summary>
    public string Problem => problem;

    /// <summary>What is wrong with each field.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
