using SessionCluster.Api.Tests.Http;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Edge;

/// <summary>A session's grain that answers what a test says.</summary>
internal sealed class MadeUpSession : ISessionGrain
{
    public static readonly TimeSpan Share = TimeSpan.FromSeconds(8);

    public MadeUpSession() => Answer = () => Live(Share);

    public SessionInfo Session { get; } = new FakeGrains().Add("42");

    public Func<ValidateResult> Answer { get; set; }

    /// <summary>What an answer waits for.</summary>
    public Task Before { get; set; } = Task.CompletedTask;

    public ValidateCommand? Last { get; private set; }

    public ValidateResult Live(TimeSpan share) => new(SessionStatus.Active, Session, null, share);

    public async Task<ValidateResult> Validate(ValidateCommand command)
    {
        Last = command;
        await Before;
        return Answer();
    }

    public Task<SessionInfo?> Describe() => throw new NotSupportedException();

    public Task<SessionCluster.Users.UserId?> Owner() => throw new NotSupportedException();

    public Task<bool> SetData(string? dataJson) => throw new NotSupportedException();

    public Task<bool> EndIfIdle() => throw new NotSupportedException();

    public Task Ended() => throw new NotSupportedException();
}
