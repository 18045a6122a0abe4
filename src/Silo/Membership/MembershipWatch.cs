namespace SessionCluster.Silo.Membership;

/// <summary>
/// Answers from the shared table itself, never from what this silo heard of it: a silo that was evicted may be the last to hear.
/// One loop reads. Callers that need a fresh answer share the next read, which begins after they asked; a read every second
/// keeps the time known for which the version has not changed.
/// </summary>
internal sealed partial class MembershipWatch(IMemberTable table, IOptions<LeaseOptions> leases, TimeProvider time, IFatalErrorHandler fatal, ILogger<MembershipWatch> log)
    : LifecycleStep, IMembershipWatch, IDisposable
{
    /// <summary>How often the table is read when nobody asks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long one read may take; a caller then hears false, which costs a wait and nothing else.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;
    private TaskCompletionSource<Sight?> _next = NewRound();
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Sight? _last;

    /// <summary>When the last read began that saw an older version which was acted on: what has changed since is not older than that.</summary>
    private Moment? _older;

    /// <summary>The newest that proves this process to have been a member that knew the newest membership; null once it was not a member.</summary>
    private Sight? _proof;
    private bool _failing;
    private bool _stopped;

    public long KnownVersion => table.KnownVersion;

    public long SettledVersion(TimeSpan period) =>
        Volatile.Read(ref _last) is { } last && last.Version == KnownVersion && HasSettled(last, period) ? last.Version : IMembershipWatch.NotSettled;

    public async ValueTask<bool> UnchangedFor(TimeSpan period, long version) => await Look() is { } sight && sight.Version == version && HasSettled(sight, period);

    public async ValueTask<bool> WasMemberWithin(TimeSpan period, long? begun = null) =>
        Proves(Volatile.Read(ref _proof), period, begun) || Proves(await Look(), period, begun);

    /// <summary>Before the silo starts: it answers from the first turn of a grain to the last.</summary>
    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        _run = Run(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>After the silo has left.</summary>
    public override async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _run;
    }

    public void Dispose() => _stopping.Dispose();

    internal async Task Run(CancellationToken stoppingToken)
    {
        await using var timer = time.CreateTimer(static watch => ((MembershipWatch)watch!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var stop = stoppingToken.Register(Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            var (round, wake) = TakeRound();
            round.SetResult(await Read(stoppingToken));
            timer.Change(Period, Timeout.InfiniteTimeSpan);
            await wake;
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        Stop();
    }

    private static TaskCompletionSource<Sight?> NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool HasSettled(Sight sight, TimeSpan period) =>
        sight is { IsMember: true, IsShared: false, ActedSince: { } since } && time.GetElapsedTime(since) >= period;

    /// <summary>
    /// The moment proved lies between the start of the read and its end: counted from the start, it is never too young. A process that acted on
    /// a change late proves nothing at first: others may have settled before it has given up what is elsewhere now. Nor does it for turns that
    /// began by then.
    /// </summary>
    private bool Proves(Sight? sight, TimeSpan period, long? begun) => sight is { IsMember: true, ActedSince: not null } && sight.Started.Age(time) < period
        && (sight.ActedLate is not { } late || time.GetElapsedTime(late, begun ?? time.GetTimestamp()) >= period);

    /// <summary>What a read sees that begins from now on; null when it fails.</summary>
    private Task<Sight?> Look()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return Task.FromResult<Sight?>(null);
            }

            _wake.TrySetResult();
            return _next.Task;
        }
    }

    /// <summary>From here on those who ask are for the read after this one.</summary>
    private (TaskCompletionSource<Sight?> Round, Task Wake) TakeRound()
    {
        lock (_gate)
        {
            var round = _next;
            _next = NewRound();
            _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (round, _wake.Task);
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            _wake.TrySetResult();
        }
    }

    private async Task<Sight?> Read(CancellationToken stoppingToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stoppingToken);
        var started = Moment.Now(time);
        var known = table.KnownVersion;
        try
        {
            var read = await table.Read(either.Token).WaitAsync(either.Token);
            if (known > read.Version)
            {
                GiveUp(known, read);
                return null;
            }

            if (known < read.Version)
            {
                table.LearnOf(read.Version);
            }

            var last = _last;
            var isNew = last?.Version != read.Version;
            if (isNew && last is { ActedSince: not null })
            {
                _older = last.Started;
            }

            var sight = new Sight(read.Version, started, read.IsMember, read.IsShared) { ActedSince = isNew ? null : last!.ActedSince, ActedLate = last?.ActedLate };
            if (sight.ActedSince is null && known == read.Version)
            {
                var now = time.GetTimestamp();
                sight = sight with { ActedSince = now, ActedLate = _older?.Age(time) >= leases.Value.LedgerFreshness ? now : sight.ActedLate };
            }

            if (read.IsShared && last is not { IsShared: true })
            {
                LogShared();
            }

            Volatile.Write(ref _last, sight);
            Volatile.Write(ref _proof, !sight.IsMember ? null : sight.ActedSince is not null ? sight : _proof);
            if (isNew && last is not null)
            {
                LogChanged(read.Version, read.Members, leases.Value.Settling.TotalSeconds, leases.Value.Bound.TotalSeconds);
            }

            if (_failing)
            {
                LogReadAgain();
            }

            _failing = false;
            return sight;
        }
        catch (Exception exception)
        {
            if (!_failing && !stoppingToken.IsCancellationRequested)
            {
                LogNotRead(exception);
            }

            _failing = true;
            return null;
        }
    }

    /// <summary>
    /// Ends a process that knew a newer membership, before the read began, than the read has found. In a cluster that is in order there is no
    /// such thing: whoever tells of a version has read it or has been told that it is committed, each change counts up, the removal of dead
    /// members' rows does not count, and a standby, which may be behind, is never asked. So the table was set back (by a restore under running
    /// members, or a failover that lost commits), or the version came from a member on another database. Orleans takes in no membership
    /// up to the version that it knows: this process would not hear of who joins next, and could not be told of what these end.
    /// </summary>
    private void GiveUp(long known, MemberRead read)
    {
        Volatile.Write(ref _last, null);
        Volatile.Write(ref _proof, null);
        var found = read.Version == MemberRead.Nothing ? "knows this cluster no more" : $"is at version {read.Version}";
        fatal.OnFatalException(
            this,
            $"The membership table {found}, but this silo knows version {known}: a backup was restored while it ran, a failover lost commits, or a member of the same "
            + "Cluster:ClusterId runs on another database. Start it again; a copy of the database that is to run beside this one gets a Cluster:ClusterId of its own.");
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _next.TrySetResult(null);
        }
    }

    [LoggerMessage(4301, LogLevel.Warning, "The membership table cannot be read; until it can, endings wait their full time and no leases are granted.", EventName = "MembershipNotRead")]
    private partial void LogNotRead(Exception exception);

    [LoggerMessage(4302, LogLevel.Error, "Another cluster serves the same database; while it does, endings wait their full time. One database serves one cluster: stop one of them.", EventName = "DatabaseShared")]
    private partial void LogShared();

    [LoggerMessage(4303, LogLevel.Information, "The membership table can be read again.", EventName = "MembershipReadAgain")]
    private partial void LogReadAgain();

    [LoggerMessage(
        4304, LogLevel.Information,
        "The membership has changed (version {Version}, {Members} active members); for the next {Settling} seconds endings may have to wait {Seconds} seconds.", EventName = "MembershipChanged")]
    private partial void LogChanged(long version, int members, double settling, double seconds);

    /// <summary>What a read saw.</summary>
    /// <param name="Version">The membership's version.</param>
    /// <param name="Started">When this read began.</param>
    /// <param name="IsShared">Whether another cluster serves the same database.</param>
    private sealed record Sight(long Version, Moment Started, bool IsMember, bool IsShared)
    {
        /// <summary>The end of the first read that saw this version acted on by this silo before the read began; null while none has.</summary>
        public long? ActedSince { get; init; }

        /// <summary>When this silo was last seen to act on a change that may have been F ago; null when it never did.</summary>
        public long? ActedLate { get; init; }
    }
}

/// <summary>The membership that all silos of a cluster share, and what this silo has heard of it.</summary>
internal interface IMemberTable
{
    /// <summary>The newest membership that this silo acts on. Rises only.</summary>
    long KnownVersion { get; }

    /// <summary>Reads the table, now.</summary>
    Task<MemberRead> Read(CancellationToken cancellationToken);

    /// <summary>Sees to it that this silo hears of a membership that it does not know yet. Returns at once.</summary>
    void LearnOf(long version);
}

/// <summary>What one read of the table saw.</summary>
/// <param name="Version">The version of the membership: every join, leave and suspicion raises it.</param>
/// <param name="IsMember">Whether this silo is an active member by it.</param>
/// <param name="IsShared">Whether members of another cluster serve the same database, which no start allows but a long freeze may bring about.</param>
/// <param name="Members">How many members are active.</param>
internal readonly record struct MemberRead(long Version, bool IsMember, bool IsShared = false, int Members = 0)
{
    /// <summary>The version where the table does not know the cluster, as before its first silo has joined.</summary>
    public const long Nothing = long.MinValue;
}
