using SessionCluster.Bindings;
using SessionCluster.Domain.Tests.Clusters;
using SessionCluster.Sessions;

namespace SessionCluster.Domain.Tests;

[Collection(OnLoneSilo.Name)]
public sealed class LoneSiloSessionTests(LoneSilo cluster) : SessionTests(cluster);

[Collection(OnTwoSilos.Name), OnPostgreSql]
public sealed class TwoSilosSessionTests(TwoSilos cluster) : SessionTests(cluster);

/// <summary>A session from its login on: lifetime, binding, data, and life after its grain has left the memory.</summary>
public abstract class SessionTests(IDomainCluster cluster)
{
    private readonly DomainUser _user = new(cluster);

    [SuiteFact]
    public async Task A_login_makes_a_session_that_is_accepted_and_listed()
    {
        var (session, receipt, _) = await _user.Login();
        var check = await _user.Session(session.Id).Validate(new ValidateCommand(DomainUser.Client()));

        Assert.True(check.IsActive);
        Assert.Equal(_user.Id, check.Session.User.Id);
        Assert.Empty(receipt.Ended);
        Assert.Equal([session.Id], await _user.Listed());
        Assert.Single(await _user.Events("login"));
    }

    [SuiteFact]
    public async Task A_session_nobody_made_is_unknown() => Assert.Equal(SessionStatus.Unknown, await _user.Check(new SessionId(Guid.NewGuid())));

    [SuiteFact]
    public async Task A_session_ends_at_its_end_however_much_it_is_used()
    {
        var (session, _, _) = await _user.Login(DomainUser.Stage("minutes=10"));
        for (var minute = 0; minute < 9; minute += 3)
        {
            Assert.Equal(SessionStatus.Active, await _user.Check(session.Id));
            cluster.Time.Advance(TimeSpan.FromMinutes(3));
        }

        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SessionStatus.Expired, await _user.Check(session.Id));
    }

    [SuiteFact]
    public async Task Yes_to_remember_me_adds_the_offset()
    {
        var command = _user.Command(DomainUser.Stage("hours=1", rememberMe: "days=2"));
        var (no, _, _) = await _user.Login(command with { RememberMe = false });
        var (yes, _, _) = await _user.Login(command with { RememberMe = true });
        Assert.Equal(TimeSpan.FromHours(1), no.Expires - no.Created);
        Assert.Equal(TimeSpan.FromHours(49), yes.Expires - yes.Created);
    }

    [SuiteTheory]
    [InlineData(Places.BerlinToo, SessionStatus.Active)]
    [InlineData(Places.BerlinOtherAsn, SessionStatus.BindingBroken)]
    public async Task A_use_from_another_network_ends_a_session_that_is_bound_to_its_own(string ip, SessionStatus expected)
    {
        var (session, _, _) = await _user.Login(DomainUser.Stage(network: NetworkBinding.Asn));
        Assert.Equal(expected, await _user.Check(session.Id, ip));
        Assert.Equal(expected, await _user.Check(session.Id));
        Assert.Equal(expected == SessionStatus.Active ? 1 : 0, (await _user.Listed()).Length);
    }

    [SuiteFact]
    public async Task A_use_from_another_city_ends_a_session_that_is_bound_to_its_own()
    {
        var (session, _, _) = await _user.Login(DomainUser.Stage(geo: GeoIpBinding.ContinentCountryCity));
        Assert.Equal(SessionStatus.BindingBroken, await _user.Check(session.Id, Places.Hamburg));
        Assert.Single(await _user.Events("logout"));
    }

    [SuiteFact]
    public async Task A_session_whose_grain_left_the_memory_is_the_same_session()
    {
        var (session, _, _) = await _user.Login();
        Assert.True(await _user.Session(session.Id).SetData("""{"cart":7}"""));
        await cluster.DeactivateAll();

        var check = await _user.Session(session.Id).Validate(new ValidateCommand(DomainUser.Client(Places.BerlinToo)));
        Assert.Equal("""{"cart":7}""", check.Session!.DataJson);
        await cluster.DeactivateAll();
        Assert.Equal(Places.BerlinToo, (await _user.Session(session.Id).Describe())!.LastIp);
    }

    [SuiteFact]
    public async Task A_device_that_is_remembered_is_known_at_the_next_login()
    {
        var stage = DomainUser.Stage(rememberDevice: "days=30");
        var (first, _, device) = await _user.Login(stage);
        await cluster.DeactivateAll();
        var (second, _, _) = await _user.Login(_user.Command(stage) with { Device = device });
        Assert.Equal((false, true), (first.KnownDevice, second.KnownDevice));
        Assert.Single(await _user.Grain.Devices());
    }
}
