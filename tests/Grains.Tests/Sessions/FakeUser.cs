using System.Collections.Immutable;
using SessionCluster.Devices;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>A user's grain that answers as a test says, and keeps what it was asked.</summary>
internal sealed class FakeUser : IUserGrain
{
    public static readonly Ending Ending = new(7, DateTimeOffset.UnixEpoch, [], [], false);

    /// <summary>Whether sessions are confirmed.</summary>
    public bool IsLive { get; set; } = true;

    /// <summary>Whether they are not because they are past their end.</summary>
    public bool IsExpired { get; set; }

    public List<ConfirmCommand> Confirms { get; } = [];

    public List<EndCommand> Ends { get; } = [];

    public int Tells { get; private set; }

    /// <summary>What an answer waits for, with the question on its way.</summary>
    public Func<Task> Confirming { get; set; } = () => Task.CompletedTask;

    public Func<Task> Committing { get; set; } = () => Task.CompletedTask;

    public Func<Task> Telling { get; set; } = () => Task.CompletedTask;

    public async Task<Confirmation> Confirm(ConfirmCommand command)
    {
        Confirms.Add(command);
        await Confirming();
        return new Confirmation(IsLive, IsExpired);
    }

    public async Task<EndResult> End(EndCommand command)
    {
        Ends.Add(command);
        await Committing();
        IsLive = false;
        return new EndResult(Ending);
    }

    public async Task<Receipt> Tell(Ending ending)
    {
        Assert.Same(Ending, ending);
        await Telling();
        Tells++;
        return new Receipt(ending.Revision, ending.CommittedAt, ending.Ended, ending.CommittedAt);
    }

    public Task<LoginResult> Login(LoginCommand command) => throw new NotSupportedException();

    public Task<EndResult> SetActive(SetActiveCommand command) => throw new NotSupportedException();

    public Task<UserInfo> Describe() => throw new NotSupportedException();

    public Task<ImmutableArray<DeviceInfo>> Devices() => throw new NotSupportedException();

    public Task<Ending?> FindEnding(Idempotency key) => throw new NotSupportedException();

    public Task<bool> ForgetDevice(DeviceId device) => throw new NotSupportedException();
}
