using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;

namespace SessionCluster.Embedded;

/// <summary>
/// A grain contract and its emitted reference class. Each emitted method loads its <see cref="GrainMethod"/> from a static
/// field and passes on its argument: no reflection, closure or boxing in a call. Made once per process, for all engines.
/// </summary>
internal sealed class GrainContract
{
    private static readonly ConcurrentDictionary<Type, Lazy<GrainContract>> Known = new();

    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("SessionCluster.Embedded.References"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("References");

    private GrainContract(Type type)
    {
        lock (Module)
        {
            NewReference = Emit(type);
        }
    }

    /// <summary>Makes a reference to a key.</summary>
    internal Func<GrainTable, string, GrainReference> NewReference { get; }

    /// <exception cref="NotSupportedException">The contract has a shape that this engine does not run.</exception>
    internal static GrainContract Of(Type type) =>
        Known.GetOrAdd(type, static type => new Lazy<GrainContract>(() => new GrainContract(type))).Value;

    private static Func<GrainTable, string, GrainReference> Emit(Type contract)
    {
        Require(contract.IsVisible, contract, "must be public");
        Require(!contract.IsGenericType, contract, "must not be generic");
        var type = Module.DefineType(
            $"{contract.FullName}.Reference", TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [contract]);
        var constructor = EmitConstructor(type);
        var fields = new List<(FieldBuilder Field, GrainMethod Method)>();
        foreach (var method in MethodsOf(contract))
        {
            var descriptor = Describe(method);
            var field = type.DefineField($"Method{fields.Count}", descriptor.GetType(), FieldAttributes.Public | FieldAttributes.Static);
            fields.Add((field, descriptor));
            EmitMethod(type, method, field);
        }

        var made = type.CreateType();
        foreach (var (field, method) in fields)
        {
            made.GetField(field.Name)!.SetValue(null, method);
        }

        var table = Expression.Parameter(typeof(GrainTable));
        var key = Expression.Parameter(typeof(string));
        var create = Expression.New(made.GetConstructor([.. constructor])!, table, key);
        return Expression.Lambda<Func<GrainTable, string, GrainReference>>(create, table, key).Compile();
    }

    private static Type[] EmitConstructor(TypeBuilder type)
    {
        Type[] parameters = [typeof(GrainTable), typeof(string)];
        var baseConstructor = typeof(GrainReference).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, parameters)!;
        var il = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, parameters).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, baseConstructor);
        il.Emit(OpCodes.Ret);
        return parameters;
    }

    private static void EmitMethod(TypeBuilder type, MethodInfo method, FieldInfo descriptor)
    {
        var parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        var emitted = type.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            parameters);
        var il = emitted.GetILGenerator();
        il.Emit(OpCodes.Ldsfld, descriptor);
        il.Emit(OpCodes.Ldarg_0);
        if (parameters.Length == 1)
        {
            il.Emit(OpCodes.Ldarg_1);
        }
        else
        {
            il.Emit(OpCodes.Ldloc, il.DeclareLocal(typeof(Nothing)));
        }

        il.Emit(OpCodes.Call, descriptor.FieldType.GetMethod(nameof(GrainMethod<,,>.Send))!);
        if (method.ReturnType != typeof(Task))
        {
            il.Emit(OpCodes.Castclass, method.ReturnType);
        }

        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(emitted, method);
    }

    private static GrainMethod Describe(MethodInfo method)
    {
        var contract = method.DeclaringType!;
        var parameters = method.GetParameters();
        var returns = method.ReturnType;
        var hasResult = returns.IsGenericType && returns.GetGenericTypeDefinition() == typeof(Task<>);
        var name = $"{contract.Name}.{method.Name}";
        Require(!method.IsSpecialName, method, "must be a method, not a property or event");
        Require(!method.IsGenericMethod, method, "must not be generic");
        Require(hasResult || returns == typeof(Task), method, "must return Task or Task<T>");
        Require(parameters.Length <= 1, method, "must have at most one argument; give it a record");
        Require(!parameters.Any(parameter => parameter.ParameterType.IsByRef), method, "must not have ref, in or out arguments");
        Require(parameters.All(parameter => parameter.ParameterType.IsVisible) && returns.IsVisible, method, "must have public types");

        var argument = parameters.Length == 1 ? parameters[0].ParameterType : null;
        var open = argument is null
            ? typeof(Func<,>).MakeGenericType(contract, typeof(Task))
            : typeof(Func<,,>).MakeGenericType(contract, argument, typeof(Task));
        var type = typeof(GrainMethod<,,>).MakeGenericType(
            contract, argument ?? typeof(Nothing), hasResult ? returns.GetGenericArguments()[0] : typeof(Nothing));
        var interleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        return (GrainMethod)Activator.CreateInstance(
            type, BindingFlags.Instance | BindingFlags.NonPublic, null, [name, interleaves, method.CreateDelegate(open)], null)!;
    }

    private static IEnumerable<MethodInfo> MethodsOf(Type contract) =>
        contract.GetInterfaces().Append(contract).SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public));

    private static void Require(bool condition, Type contract, string rule)
    {
        if (!condition)
        {
            throw new NotSupportedException($"Grain contract {contract.FullName} {rule}.");
        }
    }

    private static void Require(bool condition, MethodInfo method, string rule)
    {
        if (!condition)
        {
            throw new NotSupportedException($"Grain method {method.DeclaringType!.FullName}.{method.Name} {rule}.");
        }
    }
}
