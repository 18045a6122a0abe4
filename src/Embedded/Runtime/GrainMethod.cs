using System.ComponentModel;

namespace SessionCluster.Embedded;

/// <summary>Stands for no argument, or no result.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Nothing;

/// <summary>A method of a grain contract. Public only because emitted code refers to it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainMethod
{
    private protected GrainMethod(string name, bool interleaves)
    {
        Name = name;
        Interleaves = interleaves;
    }

    /// <summary>The contract's name and the method's.</summary>
    public string Name { get; }

    internal bool Interleaves { get; }
}

/// <summary>A method of a grain contract, and how it is called.</summary>
/// <typeparam name="TGrain">The contract.</typeparam>
/// <typeparam name="TArg">The argument; <see cref="Nothing"/> for none.</typeparam>
/// <typeparam name="TResult">The result; <see cref="Nothing"/> for none.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GrainMethod<TGrain, TArg, TResult> : GrainMethod
    where TGrain : class
{
    private readonly Func<TGrain, TArg, Task>? withArgument;
    private readonly Func<TGrain, Task>? withoutArgument;

    internal GrainMethod(string name, bool interleaves, Delegate open)
        : base(name, interleaves)
    {
        withArgument = open as Func<TGrain, TArg, Task>;
        withoutArgument = open as Func<TGrain, Task>;
    }

    /// <summary>The call through a reference. Emitted code casts the task to the type that the contract says.</summary>
    public Task Send(GrainReference target, TArg argument)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.Table.Engine.Send(target.Table, target.Key, this, argument);
    }

    internal Task Invoke(TGrain grain, TArg argument) =>
        withArgument is not null ? withArgument(grain, argument) : withoutArgument!(grain);
}
