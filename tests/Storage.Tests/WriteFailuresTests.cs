using Microsoft.Extensions.Time.Testing;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

public sealed class WriteFailuresTests
{
    private readonly FakeTimeProvider _time = new();

    private readonly KeptLog _log = new();

    private readonly WriteFailures _failures;

    public WriteFailuresTests() => _failures = new WriteFailures(_time, _log);

    [Fact]
    public void Failures_are_reported_when_they_begin_and_then_once_a_minute()
    {
        for (var second = 0; second < 120; second++)
        {
            _failures.Failed(new IOException("no disk"));
            _failures.Failed(new IOException("no disk"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _log.Errors.Count);
        Assert.Empty(_log.Informations);
    }

    [Fact]
    public void A_write_that_is_taken_between_failures_is_no_recovery()
    {
        for (var second = 0; second < 59; second++)
        {
            _failures.Failed(new IOException("no disk"));
            _failures.Succeeded();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single(_log.Errors);
        Assert.Empty(_log.Informations);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void The_recovery_is_reported_once_when_nothing_has_failed_for_a_while(int ticks, int reports)
    {
        _failures.Failed(new IOException("no disk"));
        _time.Advance(WriteFailures.Quiet + TimeSpan.FromTicks(ticks));
        _failures.Succeeded();
        _failures.Succeeded();

        Assert.Equal(reports, _log.Informations.Count);
    }

    [Fact]
    public void After_a_recovery_the_next_failure_is_reported_at_once()
    {
        _failures.Succeeded();
        _failures.Failed(new IOException("no disk"));
        _time.Advance(WriteFailures.Quiet);
        _failures.Succeeded();
        _failures.Failed(new IOException("no disk"));

        Assert.Equal(2, _log.Errors.Count);
        Assert.Single(_log.Informations);
    }
}
