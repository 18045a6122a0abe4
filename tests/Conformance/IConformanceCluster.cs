namespace SessionCluster.Conformance.Tests;

/// <summary>Two processes that run the suite's grains, and a client. Every test uses keys of its own.</summary>
public interface IConformanceCluster
{
    /// <summary>How long callers wait for an answer. Two of these are longer than the five seconds for which Orleans holds the calls of an activation that failed.</summary>
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The client's.</summary>
    IGrainFactory Grains { get; }

    /// <summary>That of a process with grains, as code beside the grains uses it.</summary>
    IGrainFactory InSilo { get; }

    Signals Signals { get; }

    TimeProvider Time { get; }

    /// <summary>Ends every activation that is not at work.</summary>
    Task DeactivateAll();

    /// <summary>The client ends without a word, and another one takes its place.</summary>
    Task RestartClient();
}
