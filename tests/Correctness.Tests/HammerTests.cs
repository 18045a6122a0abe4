using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests;

[Collection(nameof(SharedServer))]
public sealed class HammerTests(SharedServer server, ITestOutputHelper output)
{
    [Fact]
    public Task A_check_that_begins_after_the_answer_of_an_ending_never_passes() => new Hammer([server.Api], users: 42, output).Run();
}
