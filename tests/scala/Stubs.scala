// Stand-ins that take any call and remember it, so that programs compile and run without Spark.
package standins

import scala.language.dynamics

object Log {
  val lines = new scala.collection.mutable.ArrayBuffer[String]
  def plain(value: Any): String = value match {
    case values: Array[_]       => values.map(plain).mkString("Array(", ", ", ")")
    case values: Map[_, _]      => values.toSeq.map { case (k, v) => s"$k -> ${plain(v)}" }.sorted.mkString("Map(", ", ", ")")
    case values: Seq[_]         => values.map(plain).mkString("Seq(", ", ", ")")
    case (a, b)                 => s"(${plain(a)}, ${plain(b)})"
    case other: Recorder        => other.path
    case text: String           => "'" + text + "'"
    case p: java.util.Properties => p.toString
    case function: Function1[_, _] => "<function>"
    case other                  => String.valueOf(other)
  }
}

class Recorder(val path: String) extends Dynamic {
  def selectDynamic(name: String): Recorder = new Recorder(s"$path.$name")
  def updateDynamic(name: String)(value: Any): Unit = Log.lines += s"$path.$name = ${Log.plain(value)}"
  def applyDynamic(name: String)(args: Any*): Recorder = {
    Log.lines += s"$path.$name(${args.map(Log.plain).mkString(", ")})"
    new Recorder(s"$path.$name()")
  }
  def applyDynamicNamed(name: String)(args: (String, Any)*): Recorder =
    applyDynamic(name)(args.map { case (k, v) => s"$k=${Log.plain(v)}" }: _*)
  def apply(args: Any*): Recorder = applyDynamic("apply")(args: _*)
}

/** What counts of a reader is the connection that comes out of its options: user and password of the URL are options. */
class Reader(path: String, options: Map[String, String]) {
  def format(name: String): Reader = option("format", name)
  def option(key: String, value: Any): Reader = new Reader(path, options + (key.toLowerCase -> value.toString))
  def options(more: scala.collection.Map[String, String]): Reader =
    new Reader(path, options ++ more.map { case (k, v) => k.toLowerCase -> v })
  def load(args: Any*): Recorder = {
    val url = options.getOrElse("url", "")
    val parameter = "([;?&])(user|password)=([^;&]*)".r
    val found = parameter.findAllMatchIn(url).map(m => m.group(2) -> m.group(3)).toMap
    val rest = "[;](user|password)=[^;&]*".r.replaceAllIn(url, "")
    val clean = "([?&])(?:(?:user|password)=[^&]*&?)+".r.replaceAllIn(rest, "$1").stripSuffix("?").stripSuffix("&")
    val all = found ++ options ++ (if (url.isEmpty) Map() else Map("url" -> clean))
    Log.lines += s"$path ${Log.plain(all)} ${args.map(Log.plain)}"
    new Recorder("df")
  }
  def save(args: Any*): Recorder = load(args: _*)
}

/** Whether code of the executors runs: there is no `dbutils`. */
object Executors {
  var busy = false
  def run[B](body: => B): B = { busy = true; try body finally busy = false }
}

/** Rows of the executors. */
class Dataset[A](rows: Seq[A]) {
  def rdd: Dataset[A] = this
  def map[B](f: A => B): Dataset[B] = new Dataset(Executors.run(rows.map(f)))
  def foreach(f: A => Unit): Unit = Executors.run(rows.foreach(f))
  def foreachPartition(f: Iterator[A] => Unit): Unit = Executors.run(f(rows.iterator))
  def mapPartitions[B](f: Iterator[A] => Iterator[B]): Dataset[B] = new Dataset(Executors.run(f(rows.iterator).toList))
  def collect(): Seq[A] = rows
}

class Udf(f: Int => Any) {
  def apply(value: Int): Any = Executors.run(f(value))
}

object functions {
  def udf(f: Int => Any) = new Udf(f)
}

object Spark extends Recorder("spark") {
  def range(end: Int) = new Dataset(0 until end)
  def read = new Reader("read", Map())
  def readStream = new Reader("readStream", Map())
}

class Secrets {
  def get(scope: String, key: String): String = {
    require(scope.nonEmpty)
    require(!Executors.busy, "dbutils on the executors")
    Values.of.getOrElse(key, sys.error(s"no secret $key"))
  }
}

class DBUtils extends Recorder("dbutils") {
  val secrets = new Secrets
}

object Values {
  var of: Map[String, String] = Map()
}
