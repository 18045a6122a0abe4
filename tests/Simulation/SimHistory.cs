using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>Runs one history under its seed: clients that log in, use and end sessions while things break, then the checks.</summary>
internal sealed partial class SimHistory
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);
    private const long MaxSteps = 400_000;

    /// <summary>SIMULATION_MESSAGES: whether the trace names every message.</summary>
    private static readonly bool ShowsMessages = Environment.GetEnvironmentVariable("SIMULATION_MESSAGES") is not null;

    private readonly SimPlan _plan;
    private readonly Random _random;
    private readonly SimLoop _loop;
    private readonly SimTime _time;
    private readonly SimCluster _cluster;
    private readonly Observations _seen;
    private readonly List<SessionId> _sessions = [];
    private readonly List<(SessionId Id, UserId User)> _owners = [];
    private int _foreign;

    private SimHistory(SimPlan plan)
    {
        _plan = plan;
        _seen = new Observations(plan.WallJumps);
        // Not the numbers that the plan was drawn with: else its kind would decide what happens first.
        _random = new Random(unchecked((plan.Seed * 486_187_739) + 1));
        _loop = new SimLoop(_random);
        _time = _loop.Time;
        _cluster = new SimCluster(plan, _random, _loop) { Overhear = ShowsMessages ? message => _seen.Note(_loop, message) : null };
        _seen.Data.LastLoss = () => _cluster.LastLoss;
        _seen.Data.IsBounded = _seen.Uses.IsChecked = !plan.LingeringIsSeen;
        _cluster.Storage.Committed = Committed;
    }

    public SimPlan Plan => _plan;

    /// <summary>What went wrong, or null. The same plan gives the same answer, step for step.</summary>
    public string? Failure { get; private set; }

    /// <summary>What happened, and last a hash of every choice that was made.</summary>
    public string Trace => string.Join('\n', _seen.Trace.Append($"{_loop.Step} {_loop.Fingerprint:x16}"));

    public static SimHistory Run(SimPlan plan)
    {
        var history = new SimHistory(plan);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(history._loop);
        try
        {
            history.Failure = history.RunToItsEnd();
            if (history.Failure is not null)
            {
                history._loop.AwaitTrespass();
            }
        }
        catch (Exception exception)
        {
            history.Failure = exception is TrespassException ? exception.Message : exception.ToString();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        return history;
    }

    private string? RunToItsEnd()
    {
        if (_plan.HasIdle)
        {
            _ = Sweep();
        }

        var clients = _plan.Script == Script.None ? Task.WhenAll(Enumerable.Range(0, _plan.Clients).Select(RunClient)) : RunScript();
        if (!_loop.RunUntil(() => clients.IsCompleted || _seen.Violation is not null, Limit, MaxSteps))
        {
            return "The history did not come to its end.";
        }

        if (_seen.Violation is not null || clients.IsFaulted)
        {
            return _seen.Violation ?? clients.Exception!.InnerException!.ToString();
        }

        Heal();
        var epilogue = Epilogue();
        if (!_loop.RunUntil(() => epilogue.IsCompleted || _seen.Violation is not null, Limit * 2, MaxSteps))
        {
            return "The cluster did not serve again after its faults had ended.";
        }

        var failure = _seen.Violation ?? (epilogue.IsFaulted ? epilogue.Exception!.InnerException!.ToString() : null);
        return failure is null ? LedgerCheck.Run(_cluster.Storage, _seen, _plan) : Stuck() ?? failure;
    }

    private async Task RunClient(int client)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(50)), _time);
        for (var i = 0; i < _plan.Operations; i++)
        {
            MaybeBreakSomething();
            await RunOperation($"{client}.{i}");
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(8) == 0 ? _random.Next(14_000) : _random.Next(40)), _time);
        }
    }

    private Task RunOperation(string key)
    {
        var user = new UserId($"user{_random.Next(_plan.Users)}");
        return (_plan.OnlyEvictions && _random.Next(3) > 0 ? 10 : _random.Next(20)) switch
        {
            < 3 => Login(user, key, terminate: true),
            < 6 => Login(user, key, terminate: false),
            < 14 => Validate(AnySession(), Address()),
            < 16 => End(user, key, _random.Next(2) == 0 ? null : OwnSession(user)),
            16 => SetActive(user, key),
            17 => SetData(AnySession()),
            18 => Validate(AnySession(), Address(foreign: true)),
            _ => EndExcept(user, key),
        };
    }

    private async Task Login(UserId user, string key, bool terminate, SimMachine? machine = null)
    {
        var stage = new StageInfo(
            Guid.Empty, "s", Duration.Load(_random.Next(6) == 0 ? "seconds=8" : "hours=5"), Duration.Zero, Duration.Load("days=1"), terminate,
            _random.Next(2) == 0 ? Bindings.NetworkBinding.Asn : Bindings.NetworkBinding.None, Bindings.GeoIpBinding.None);
        SessionId? previous = _random.Next(4) == 0 ? OwnSession(user) : null;
        var command = new LoginCommand(
            new UserFacts(user, user.Value, "", ""), true, stage, null, Client(Address()), null, previous, false, "password", "{}", null, null, null,
            new Idempotency(key, key));
        await Retry(key, async grains =>
        {
            var grain = grains.User(user);
            var login = await grain.Login(command);
            if (!login.IsLoggedIn)
            {
                _seen.Note(_loop, $"{key} login {user}: {login.Outcome}");
                return;
            }

            var receipt = await Tell(grain, login.Ending);
            _sessions.Add(login.Session.Id);
            _owners.Add((login.Session.Id, user));
            _seen.LoggedIn(_loop, key, user, login, receipt, terminate);
        }, machine);
    }

    private Task End(UserId user, string key, SessionId? session)
    {
        var command = new EndCommand(session is { } one ? [one] : null, EndReason.LoggedOut, Idempotency: SomeKey(key));
        return Ending(user, key, id => session is null || id == session, grain => grain.End(command));
    }

    private Task EndExcept(UserId user, string key)
    {
        var except = OwnSession(user);
        var command = new EndCommand(null, EndReason.RevokedByOwner, Except: except, Idempotency: SomeKey(key));
        return Ending(user, key, id => id != except, grain => grain.End(command));
    }

    private Task SetActive(UserId user, string key)
    {
        var active = _random.Next(2) == 0;
        var command = new SetActiveCommand(active, null, SomeKey(key));
        return Ending(user, key, _ => !active, grain => grain.SetActive(command));
    }

    /// <summary>Some callers send no key; what they try again is then another request.</summary>
    private Idempotency? SomeKey(string key) => _random.Next(2) == 0 ? new Idempotency(key, key) : null;

    private Task Ending(UserId user, string key, Func<SessionId, bool> chosen, Func<IUserGrain, Task<EndResult>> end, SimMachine? machine = null)
    {
        var asked = _loop.Tick();
        return Retry(key, async grains =>
        {
            var grain = grains.User(user);
            var result = await end(grain);
            // A repeat of the telling may reach another activation than the one that decided.
            var teller = _random.Next(4) == 0 ? _cluster.AnyMachine().Process.User(user) : grain;
            _seen.Ended(_loop, key, await Tell(teller, result.Ending!));
            _seen.EndedChosen(_loop, key, user, asked, chosen);
        }, machine);
    }

    private async Task<Receipt> Tell(IUserGrain grain, Ending ending) => _plan.Flaw == Flaw.NoTelling
        ? new Receipt(ending.Revision, ending.CommittedAt, ending.Ended, _time.GetUtcNow())
        : await grain.Tell(ending);

    private async Task Validate(SessionId? session, string ip, SimMachine? machine = null)
    {
        if (session is not { } id)
        {
            return;
        }

        machine ??= _cluster.AnyMachine();
        var check = new Check(id, machine.Name, ip, _loop.Tick(), _time.Elapsed, _time.GetUtcNow());
        try
        {
            var seen = await machine.Check(id, Client(ip));
            _seen.Validated(_loop, check, seen);
            if (seen.Status == SessionStatus.Unknown && _cluster.Storage.IsLive(id))
            {
                _seen.Violate(_loop, $"{id} is live, and was unknown to a check begun at {check.Step}");
            }
        }
        catch (Exception exception) when (exception is not NullReferenceException)
        {
            _seen.Note(_loop, $"check of {id} at {machine.Name} failed: {exception.Message}");
        }
    }

    private async Task SetData(SessionId? session, SimMachine? machine = null)
    {
        if (session is not { } id)
        {
            return;
        }

        machine ??= _cluster.AnyMachine();
        var number = _seen.Data.Asked(id, _loop.Tick());
        try
        {
            var stored = await machine.Process.Session(id).SetData($"{number}");
            if (stored)
            {
                _seen.Data.Answered(number, _loop.Tick(), _time.Elapsed);
            }

            _seen.Note(_loop, $"data {number} of {id} by {machine.Name}: {stored}");
        }
        catch (Exception exception) when (exception is not NullReferenceException)
        {
            _seen.Note(_loop, $"data {number} of {id} failed: {exception.Message}");
        }
    }

    /// <summary>A caller whose outcome is unknown tries again under the same key; some give up.</summary>
    private async Task Retry(string key, Func<IGrainFactory, Task> operation, SimMachine? machine)
    {
        for (var attempt = 0; attempt < 4; attempt++)
        {
            try
            {
                await operation((machine ?? _cluster.AnyMachine()).Process);
                return;
            }
            catch (Exception exception) when (exception is not NullReferenceException)
            {
                _seen.Note(_loop, $"{key} attempt {attempt} failed: {exception.Message}");
            }
        }
    }

    private SessionId? AnySession() => _sessions.Count == 0 ? null : _sessions[_random.Next(Math.Max(0, _sessions.Count - 5), _sessions.Count)];

    private SessionId? OwnSession(UserId user)
    {
        var own = _owners.Where(o => o.User == user).ToArray();
        return own.Length == 0 ? null : own[_random.Next(own.Length)].Id;
    }

    /// <summary>No two foreign ones are the same: so it is known which check broke a binding.</summary>
    private string Address(bool foreign = false) => foreign ? $"10.{_random.Next(3)}.{++_foreign / 250}.{3 + (_foreign % 250)}" : $"10.1.0.{1 + _random.Next(2)}";

    private static ClientFacts Client(string ip) => new(ip, "sim", "GET", "/", "{}", "");
}
