using System.Text;
using SessionCluster.Api.Answers;
using SessionCluster.Bindings;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

public sealed class KeptAnswersTests
{
    private readonly KeptAnswers _answers = new((writer, session) => writer.WriteStringValue(session.LastIp));

    [Fact]
    public void An_answer_is_kept_from_the_second_time_on_that_its_very_object_is_asked_for()
    {
        var session = Session("192.0.2.1");

        Assert.Null(_answers.Find(session));
        var made = _answers.Find(session);
        Assert.Equal("\"192.0.2.1\"", Encoding.UTF8.GetString(made!));
        Assert.Same(made, _answers.Find(session));
    }

    [Fact]
    public void The_same_session_in_another_state_has_another_answer()
    {
        var session = Session("192.0.2.1");
        _answers.Find(session);
        _answers.Find(session);
        var moved = session with { LastIp = "192.0.2.2" };

        Assert.Null(_answers.Find(moved));
        Assert.Equal("\"192.0.2.2\"", Encoding.UTF8.GetString(_answers.Find(moved)!));
        Assert.Null(_answers.Find(session));
    }

    [Fact]
    public void A_long_answer_is_made_each_time()
    {
        var session = Session(new string('1', KeptAnswers.MaxLength));
        _answers.Find(session);

        Assert.NotSame(_answers.Find(session), _answers.Find(session));
    }

    [Fact]
    public void Sessions_that_share_their_first_slot_keep_their_answers_side_by_side()
    {
        var sessions = Enumerable.Range(1, 4).Select(SameSlot).ToList();
        var made = sessions.ConvertAll(Ask);

        Assert.All(sessions.Zip(made), pair => Assert.Same(pair.Second, _answers.Find(pair.First)));
    }

    [Fact]
    public void One_session_more_is_kept_in_the_place_of_another()
    {
        Assert.All(Enumerable.Range(1, 4).Select(SameSlot), session => Assert.NotNull(Ask(session)));
        var more = SameSlot(5);
        var made = Ask(more);

        Assert.NotNull(made);
        Assert.Same(made, _answers.Find(more));
    }

    private byte[]? Ask(SessionInfo session)
    {
        _answers.Find(session);
        return _answers.Find(session);
    }

    // The hash of a Guid is its four words combined by exclusive or: two equal words cancel out.
    private static SessionInfo SameSlot(int number) =>
        Session("192.0.2.1") with { Id = new SessionId(new Guid(number, 0, 0, [.. BitConverter.GetBytes(number), 0, 0, 0, 0])) };

    private static SessionInfo Session(string ip) => new(
        new SessionId(Guid.Empty), new UserFacts(new UserId("1"), "jane", "", ""), default, default, false, "password", false,
        default(NetworkBinding), default(GeoIpBinding), ip, "", default, null, null, null);
}
