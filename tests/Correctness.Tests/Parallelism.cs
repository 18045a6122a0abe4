// Most of them wait for leases and for dead processes: three at once are done sooner than two, also on two cores.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
