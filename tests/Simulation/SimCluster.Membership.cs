namespace SessionCluster.Simulation;

/// <content>Who is a member, and who knows it.</content>
internal sealed partial class SimCluster
{
    public static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(40);
    private long? _membershipChanged;

    /// <summary>By the table; a node may know an older one.</summary>
    public long MembershipVersion { get; private set; }

    /// <summary>What a node reads in the table after a commit.</summary>
    public bool UnchangedFor(TimeSpan period, long version, SimNode node) =>
        version == MembershipVersion
        && (_membershipChanged is not { } changed || Time.GetElapsedTime(changed) >= period)
        && (_lingeringIsSeen ? Nodes.All(n => n.IsMember) : node.IsMember);

    /// <summary>Whether a node may think of itself as a member.</summary>
    public bool IsMember(SimNode node) => _lingeringIsSeen || (node.IsMember && node.KnownVersion == MembershipVersion);

    /// <summary>The process ends and starts again at once.</summary>
    public void CrashNode(SimNode node)
    {
        LastLoss = _loop.Now;
        node.Crash();
        if (_isCluster)
        {
            // Another process, by membership; its grains may be placed anew.
            node.OldView = node.IsMember ? null : node.OldView;
            ChangeMembership();
        }
    }

    /// <summary>The others declare a member dead and place its grains anew; it goes on until it hears of that, then restarts.</summary>
    public void Evict(SimNode node, TimeSpan linger, TimeSpan longestLag)
    {
        var before = new Dictionary<GrainId, int>(_directory);
        foreach (var grain in before.Where(e => e.Value == node.Index).Select(e => e.Key))
        {
            _directory[grain] = (node.Index + 1 + _random.Next(Nodes.Count - 1)) % Nodes.Count;
        }

        node.IsMember = false;
        foreach (var other in Nodes)
        {
            other.OldView ??= before;
        }

        ChangeMembership();
        foreach (var other in Nodes.Where(n => n != node))
        {
            Time.After(_random.Next(2) == 0 ? TimeSpan.Zero : longestLag * _random.NextDouble(), () => other.Learn(GivesUpAfter()));
        }

        Linger(node, linger);
    }

    private void Linger(SimNode node, TimeSpan length)
    {
        Time.After(length, () =>
        {
            node.OldView = null;
            node.IsCutOff = false;
            node.IsMember = true;
            CrashNode(node);
        });
    }

    /// <summary>The membership changes, and with it the place of some grains; one member hears of it late, and goes on with what it had.</summary>
    public void ChangeUnheard(SimNode node, TimeSpan lag)
    {
        var before = new Dictionary<GrainId, int>(_directory);
        foreach (var grain in before.Where(e => e.Value == node.Index).Select(e => e.Key))
        {
            _directory[grain] = (node.Index + _random.Next(Nodes.Count)) % Nodes.Count;
        }

        foreach (var other in Nodes.Where(n => n != node))
        {
            other.OldRoutes = _random.Next(2) == 0 ? before : null;
        }

        node.OldView ??= before;
        ChangeMembership();
        Time.After(lag, () => node.Learn(GivesUpAfter()));
    }

    /// <summary>A member that knows goes on with what is elsewhere now for F at most.</summary>
    private TimeSpan GivesUpAfter() => _random.Next(2) == 0 ? TimeSpan.Zero : LongestLag * (1 - Math.Pow(_random.NextDouble(), 2));

    private void ChangeMembership()
    {
        (_membershipChanged, MembershipVersion, LastLoss) = (Time.GetTimestamp(), MembershipVersion + 1, _loop.Now);
        foreach (var node in Nodes)
        {
            node.MissedSince ??= _membershipChanged;
            if (node.OldView is null)
            {
                node.Learn(TimeSpan.Zero);
            }
        }
    }
}
