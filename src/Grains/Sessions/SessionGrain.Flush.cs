using SessionCluster.Storage;

namespace SessionCluster.Sessions;

/// <summary>
/// Storing the last use: later than the use itself, and only into a row that is still there. A late write of an ended session
/// fails its condition and changes nothing.
/// </summary>
public sealed partial class SessionGrain
{
    /// <summary>How often one update is tried after version conflicts.</summary>
    private const int MaxUpdateAttempts = 3;

    /// <summary>A row that was read less than this ago is not read again.</summary>
    private static readonly TimeSpan JustRead = TimeSpan.FromSeconds(1);

    private readonly long _since = services.Time.GetTimestamp();

    /// <summary>When the row was last read. (A grain is made before its state is read.)</summary>
    private long _read = services.Time.GetTimestamp();

    private IGrainTimer? _flush;

    /// <summary>The timer is set for a new address, which is stored sooner than a use.</summary>
    private bool _flushIsSoon;

    private void ScheduleFlush(bool addressChanged)
    {
        if (_flush is not null && (_flushIsSoon || !addressChanged))
        {
            return;
        }

        _flushIsSoon = addressChanged;
        var after = SessionClock.FlushAfter(row.State, addressChanged);
        if (_flush is null)
        {
            _flush = this.RegisterGrainTimer(static (grain, _) => grain.Flush(), this, new GrainTimerCreationOptions(after, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _flush.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Stores the last use if the row is behind. A failure is logged and tried again with the next use.</summary>
    private async Task Flush()
    {
        // A session that nobody uses needs no timer; the next use makes one anew.
        _flush?.Dispose();
        (_flush, _flushIsSoon) = (null, false);
        if (_ended || _session is null)
        {
            return;
        }

        NoteUses();
        try
        {
            await Update(LastUse);
        }
        catch (Exception exception)
        {
            LogNotStored(services.Log, exception, Id);
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
                row.State = before;
                throw;
            }
        }

        return false;
    }

    /// <summary>The row is gone, or another activation wrote it: what it says now counts, and a lease must be asked for anew.</summary>
    private async Task Reread()
    {
        _lease = default;
        var read = services.Time.GetTimestamp();
        await row.ReadStateAsync();
        _read = read;
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
    /// In a cluster, an activation that this one replaces may go on unawares for up to F + L, and change the data. The row is read again until
    /// that was done once after that time.
    /// </summary>
    private async Task RereadWhileYoung()
    {
        var elders = services.LedgerFreshness == TimeSpan.Zero ? TimeSpan.Zero : services.LedgerFreshness + services.LeaseLength;
        if (services.Time.GetElapsedTime(_since, _read) < elders && services.Time.GetElapsedTime(_read) >= JustRead)
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
}
