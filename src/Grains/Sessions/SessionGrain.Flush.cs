namespace SessionCluster.Sessions;

/// <summary>
/// The session grain's row: writing it, reading it again, and staying in memory until it is written. The last use is stored later than the use
/// itself, and only into a row that is still there: a late write of an ended session fails its condition and changes nothing.
/// </summary>
public sealed partial class SessionGrain
{
    /// <summary>How often one update is tried, the first time included.</summary>
    private const int MaxUpdateAttempts = 3;

    private static readonly TimeSpan LongestStay = TimeSpan.FromDays(1);

    /// <summary>A row that was read less than this ago is not read again.</summary>
    private static readonly TimeSpan JustRead = TimeSpan.FromSeconds(1);

    /// <summary>Null in a lone process, and once no activation before this one can be at work any more.</summary>
    private Youth? _youth = services.LedgerFreshness > TimeSpan.Zero ? new Youth { Read = Moment.Now(services.Time) } : null;

    /// <summary>Whether it stays in memory until its last use is stored.</summary>
    private bool _stays;

    /// <summary>The last write of a last use; further ones wait for it.</summary>
    private Task _storing = Task.CompletedTask;

    /// <summary>
    /// Begins to store the last use where the row is far behind or has another address; the check that notices does not wait for it. What
    /// is left is stored when the session leaves memory, soon after its last use: so no session needs a timer.
    /// </summary>
    private void StoreIfBehind(DateTimeOffset now)
    {
        if (_storing.IsCompleted && (_session!.LastIp != row.State.LastIp || now - row.State.LastUsed >= SessionClock.StoreAfter(_session)))
        {
            _ = Flush();
        }
    }

    /// <summary>Stores the last use if the row is behind. A failure is logged and tried again with the next use.</summary>
    private Task Flush() => _storing = StoreLastUse(_storing);

    private async Task StoreLastUse(Task before)
    {
        await before;
        if (_ended || _session is null)
        {
            return;
        }

        NoteUses();
        try
        {
            await Update(LastUse);
            Stay(TimeSpan.Zero);
        }
        catch (Exception exception) when (exception is not StorageUnavailableException)
        {
            LogNotStored(services.Log, exception, Id);
        }
        catch (StorageUnavailableException)
        {
            // The storage itself says, once a minute, that it takes no writes: not each session does. What the row does not say is known
            // only here: as long as a session in use could be taken for an idle one, it stays in memory.
            Stay(TimeSpan.FromMicroseconds(_session.IdleMicros));
        }
    }

    /// <summary>Stays in memory although it is not used, for a day at most; zero ends that.</summary>
    private void Stay(TimeSpan length)
    {
        if (length > TimeSpan.Zero || _stays)
        {
            _stays = length > TimeSpan.Zero;
            DelayDeactivation(length < LongestStay ? length : LongestStay);
        }
    }

    /// <summary>Updates the row. False when it is gone, or this session was told of its ending.</summary>
    private async Task<bool> Update(Func<SessionV1, SessionV1> change)
    {
        for (var attempt = 1; !_ended; attempt++)
        {
            var before = row.State;
            var next = change(before);
            if (next == before)
            {
                return true;
            }

            try
            {
                row.State = next;
                await row.WriteStateAsync();
                return true;
            }
            catch (InconsistentStateException) when (attempt < MaxUpdateAttempts)
            {
                await Reread();
            }
            catch
            {
                // Unless a check has read what another activation wrote meanwhile.
                row.State = ReferenceEquals(row.State, next) ? before : row.State;
                throw;
            }
        }

        return false;
    }

    /// <summary>The row is gone, or another activation wrote it: what it says now counts, and a new lease must be asked for.</summary>
    private async Task Reread()
    {
        _lease = default;
        var read = Moment.Now(services.Time);
        await row.ReadStateAsync();
        _youth?.Read = read;
        if (row.RecordExists)
        {
            _session = _session! with { Data = row.State.Data };
        }
        else
        {
            _ended = true;
        }
    }

    /// <summary>
    /// In a cluster the activation that this one replaces may go on for up to F + L and change the data. Until one read has been made after
    /// that time, every confirmation reads the row again.
    /// </summary>
    private async Task RereadWhileYoung()
    {
        if (_youth is null)
        {
            return;
        }

        if (services.Time.GetElapsedTime(_youth.Since, _youth.Read.Timestamp) >= services.Bound)
        {
            _youth = null;
        }
        else if (_youth.Read.Age(services.Time) >= JustRead)
        {
            await Reread();
        }
    }

    private SessionV1 LastUse(SessionV1 before) => before with
    {
        LastIp = _session!.LastIp,
        LastUserAgent = _session.LastUserAgent,
        LastUsed = UnixMicros.Truncate(_session.LastUsed),
        Asn = _session.Asn,
        Geo = _session.Geo,
    };

    /// <summary>What an activation knows of its beginning.</summary>
    private sealed class Youth
    {
        /// <summary>When it began: after it was registered, so that none before it serves on knowingly.</summary>
        public long Since { get; set; }

        /// <summary>When the row was last read. (A grain is made before its state is read.)</summary>
        public Moment Read { get; set; }
    }
}
