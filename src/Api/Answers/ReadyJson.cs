namespace SessionCluster.Api.Answers;

/// <summary>
/// JSON about a session that is given many times. What it says of the user agent, a third of it, is kept once for all sessions with the same
/// one (docs/benchmarks.md, memory).
/// </summary>
internal sealed class ReadyJson
{
    private readonly byte[] _own;

    private readonly byte[] _userAgent;

    private readonly int _place;

    /// <param name="json">The whole answer.</param>
    /// <param name="userAgent">The value of its <c>user_agent</c>, which stands in it.</param>
    public ReadyJson(ReadOnlySpan<byte> json, byte[] userAgent)
    {
        _userAgent = userAgent;
        _place = json.IndexOf(userAgent);
        _own = [.. json[.._place], .. json[(_place + userAgent.Length)..]];
    }

    public int Length => _own.Length + _userAgent.Length;

    /// <summary>Puts it together.</summary>
    public void CopyTo(Span<byte> whole)
    {
        _own.AsSpan(0, _place).CopyTo(whole);
        _userAgent.CopyTo(whole[_place..]);
        _own.AsSpan(_place).CopyTo(whole[(_place + _userAgent.Length)..]);
    }
}
