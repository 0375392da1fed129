<?xml version="1.0" encoding="UTF-8"?>
<!-- The page. Knows blocks only. What C has put into the document before: <svg> elements in each figure (one a width), @failed on
     a figure that could not be drawn, @wide on a table too wide for a phone, and href="" where the address was not fit to follow. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svg="http://www.w3.org/2000/svg" exclude-result-prefixes="svg">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:param name="css"/>
<xsl:variable name="upper" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"/>
<xsl:variable name="lower" select="'abcdefghijklmnopqrstuvwxyz'"/>

<xsl:template match="/digest">
<html lang="{@lang}">
<head><meta name="viewport" content="width=device-width,initial-scale=1"/>
<title><xsl:value-of select="concat(masthead/heading, ', ', masthead/dates)"/></title>
<meta name="color-scheme" content="light dark"/><meta name="robots" content="noindex"/><meta name="generator" content="{@generator}"/>
<style><xsl:value-of select="$css"/></style></head>
<body><a class="skip" href="#main">Skip to main content</a>
<div class="page"><xsl:text>
</xsl:text>
<nav class="toc" aria-label="Sections"><ul><xsl:for-each select="section"><li><a href="#{@id}"><xsl:value-of select="@title"/></a><xsl:if test="@summary"><xsl:text> </xsl:text><span class="c"><xsl:value-of select="@summary"/></span></xsl:if></li></xsl:for-each></ul></nav>
<div class="wrap"><xsl:apply-templates select="masthead"/>
<main id="main"><xsl:apply-templates select="section"/></main>
<footer><p><xsl:value-of select="masthead/frozen"/></p>
<p><xsl:value-of select="@generator"/><xsl:for-each select="masthead/link[@rel!='page'][@href!='']"><xsl:text> · </xsl:text><a href="{@href}"><xsl:value-of select="."/></a></xsl:for-each></p></footer></div></div></body></html>
</xsl:template>

<xsl:template match="masthead">
<header class="mast"><p class="kick"><span><xsl:value-of select="kicker"/></span><span><xsl:for-each select="link[@rel='previous' or @rel='all'][@href!='']"><xsl:if test="position() &gt; 1"> · </xsl:if><a href="{@href}"><xsl:value-of select="."/></a></xsl:for-each></span></p>
<h1><xsl:value-of select="heading"/></h1><p class="week"><xsl:value-of select="dates"/></p>
<p class="verdict"><xsl:apply-templates select="verdict/node()"/></p>
<ul class="cov" aria-label="What was collected"><xsl:for-each select="status"><li><strong class="tag {@tone}"><xsl:value-of select="@word"/></strong><xsl:text> </xsl:text><xsl:apply-templates/></li><xsl:text> </xsl:text></xsl:for-each></ul>
<nav class="toc-in" aria-label="Sections on this page"><ul><xsl:for-each select="../section"><li><a href="#{@id}"><xsl:value-of select="@title"/></a></li><xsl:text> </xsl:text></xsl:for-each></ul></nav></header>
</xsl:template>

<xsl:template match="section"><xsl:text>
</xsl:text><section id="{@id}" aria-labelledby="h-{@id}"><h2 id="h-{@id}"><xsl:value-of select="@title"/><xsl:if test="@tag and not(descendant::callout[@kind='incomplete'])"><xsl:text> </xsl:text><strong class="tag {@tone}"><xsl:value-of select="@tag"/></strong></xsl:if></h2><xsl:apply-templates/></section>
</xsl:template>

<!-- blocks -->
<xsl:template match="heading"><h3><xsl:apply-templates/></h3></xsl:template>
<xsl:template match="para"><p><xsl:if test="@kind"><xsl:attribute name="class"><xsl:value-of select="@kind"/></xsl:attribute></xsl:if><xsl:apply-templates/></p></xsl:template>
<xsl:template match="list"><ul class="plain"><xsl:for-each select="li"><li><xsl:apply-templates/></li></xsl:for-each></ul></xsl:template>
<xsl:template match="pair"><div class="two"><xsl:apply-templates/></div></xsl:template>
<xsl:template match="side"><div class="side"><xsl:apply-templates/></div></xsl:template>

<!-- Words that have an id are definitions, one above the other; others are rows: a day and what falls on it. -->
<xsl:template match="terms[term/@id]"><dl class="defs"><xsl:for-each select="term"><dt><xsl:value-of select="@word"/><xsl:if test="@id"><xsl:text> </xsl:text><code class="id"><xsl:value-of select="@id"/></code></xsl:if></dt><dd><xsl:apply-templates/></dd></xsl:for-each></dl></xsl:template>
<xsl:template match="terms"><dl class="rows"><xsl:if test="term[string-length(@word) &gt; 7]"><xsl:attribute name="class">rows long</xsl:attribute></xsl:if><xsl:for-each select="term"><div><dt><xsl:value-of select="@word"/></dt><dd><xsl:apply-templates/></dd></div></xsl:for-each></dl></xsl:template>

<xsl:template match="callout"><div class="note {@kind}"><xsl:for-each select="para"><p><xsl:if test="position() = 1 and ../@kind = 'incomplete' and not(tag)"><strong class="tag orange">Incomplete</strong></xsl:if><xsl:apply-templates/></p></xsl:for-each></div></xsl:template>

<xsl:template match="actions"><ol class="needs"><xsl:for-each select="action"><li><h3><xsl:choose><xsl:when test="string(@href)"><a href="{@href}"><xsl:value-of select="title"/></a></xsl:when><xsl:otherwise><xsl:value-of select="title"/></xsl:otherwise></xsl:choose></h3><p class="why"><xsl:apply-templates select="reason/node()"/></p><p class="meta"><b><xsl:value-of select="@owner"/></b><span class="dot"> · </span><span><xsl:value-of select="@age"/></span></p></li></xsl:for-each></ol></xsl:template>

<xsl:template match="setaside"><div class="ign"><h3><xsl:value-of select="@title"/></h3><ul><xsl:for-each select="aside"><li><b><xsl:value-of select="format-number(@count, '#,##0')"/></b><xsl:text> </xsl:text><xsl:value-of select="."/></li></xsl:for-each></ul></div></xsl:template>

<xsl:template match="tiles"><ul class="tiles"><xsl:for-each select="tile"><li class="tile"><xsl:if test="not(figure/svg:svg)"><xsl:attribute name="class">tile bare</xsl:attribute></xsl:if><h3><xsl:value-of select="@label"/></h3><p class="num"><xsl:if test="string-length(@value) &gt; 6"><xsl:attribute name="class">num words</xsl:attribute></xsl:if><xsl:value-of select="@value"/></p><p class="unit"><xsl:value-of select="@unit"/></p><xsl:if test="figure/svg:svg"><div class="sp" id="{figure/@id}"><xsl:copy-of select="figure/svg:svg"/></div></xsl:if><p class="sub"><xsl:value-of select="@usual"/><xsl:if test="@tag"><xsl:text> </xsl:text><strong class="tag {@tone}"><xsl:value-of select="@tag"/></strong></xsl:if></p></li></xsl:for-each></ul>
<xsl:apply-templates select="tile/figure[@failed]" mode="failed"/><xsl:apply-templates select="tile/figure/table"/></xsl:template>

<xsl:template match="figure"><figure id="{@id}" class="{@kind}"><figcaption><b><xsl:value-of select="@title"/></b><span><xsl:value-of select="@subtitle"/></span></figcaption><xsl:choose><xsl:when test="@failed"><xsl:apply-templates select="." mode="failed"/></xsl:when><xsl:otherwise><xsl:copy-of select="svg:svg"/></xsl:otherwise></xsl:choose></figure><xsl:apply-templates select="table"/></xsl:template>
<xsl:template match="panels"><div id="{@id}"><h3><xsl:value-of select="@title"/></h3><xsl:if test="@note"><p class="note"><xsl:value-of select="@note"/></p></xsl:if><ul class="multi"><xsl:for-each select="figure"><li><xsl:apply-templates select="."/></li></xsl:for-each></ul></div><xsl:apply-templates select="table"/></xsl:template>
<xsl:template match="figure" mode="failed"><div class="note warning"><p>The chart “<xsl:value-of select="@title"/>” could not be drawn: <xsl:value-of select="@failed"/>. What it shows: <xsl:value-of select="@alt"/></p></div></xsl:template>

<!-- tables. "flow" becomes running lines on a phone, "keep" stays a table; @wide: C found that it would not fit there. No ARIA roles
     that repeat the elements: HTML forbids them on tr, th and td of a table, and browsers keep the meaning under display:block. -->
<xsl:template match="table"><xsl:choose>
<xsl:when test="@data"><details class="data"><summary>Table: <xsl:call-template name="small"><xsl:with-param name="s" select="@title"/></xsl:call-template></summary><xsl:call-template name="table"/></details></xsl:when>
<xsl:when test="@limit and count(row) &gt; @limit"><xsl:call-template name="table"><xsl:with-param name="last" select="number(@limit)"/></xsl:call-template><details><summary><xsl:value-of select="@more"/></summary><xsl:call-template name="table"><xsl:with-param name="first" select="@limit + 1"/></xsl:call-template></details></xsl:when>
<xsl:otherwise><xsl:call-template name="table"/></xsl:otherwise></xsl:choose></xsl:template>

<xsl:template name="table"><xsl:param name="first" select="1"/><xsl:param name="last" select="count(row)"/>
<xsl:variable name="cols" select="count(col)"/>
<table><xsl:attribute name="class"><xsl:choose><xsl:when test="@keep and not(@wide)">keep</xsl:when><xsl:otherwise>flow</xsl:otherwise></xsl:choose></xsl:attribute>
<xsl:attribute name="id"><xsl:value-of select="@id"/><xsl:if test="$first &gt; 1">.more</xsl:if></xsl:attribute>
<caption><xsl:value-of select="@title"/><xsl:if test="$first &gt; 1">, continued</xsl:if><xsl:if test="@note and $first = 1"><span><xsl:value-of select="@note"/></span></xsl:if></caption>
<thead><tr><xsl:for-each select="col"><th scope="col"><xsl:call-template name="class"><xsl:with-param name="col" select="."/></xsl:call-template><xsl:value-of select="@label"/></th></xsl:for-each></tr></thead>
<tbody><xsl:for-each select="row[position() &gt;= $first and position() &lt;= $last]"><xsl:call-template name="row"><xsl:with-param name="cols" select="$cols"/></xsl:call-template></xsl:for-each>
<xsl:if test="not(row)"><tr><td class="miss" colspan="{$cols}">none</td></tr></xsl:if></tbody>
<xsl:if test="total and $first = 1"><tfoot><xsl:for-each select="total"><xsl:call-template name="row"><xsl:with-param name="cols" select="$cols"/></xsl:call-template></xsl:for-each></tfoot></xsl:if></table></xsl:template>

<xsl:template name="row"><xsl:param name="cols"/><xsl:variable name="all" select="../col"/>
<tr><xsl:for-each select="cell"><xsl:variable name="p" select="position()"/><xsl:variable name="col" select="$all[$p]"/>
<xsl:choose><xsl:when test="$p = 1"><th scope="row"><xsl:call-template name="cell"/></th></xsl:when>
<xsl:otherwise><td><xsl:call-template name="class"><xsl:with-param name="col" select="$col"/><xsl:with-param name="cell" select="."/></xsl:call-template>
<xsl:choose><xsl:when test="normalize-space($col/@before) and node()"><xsl:attribute name="data-b"><xsl:value-of select="concat(normalize-space($col/@before), ' ')"/></xsl:attribute></xsl:when>
<xsl:when test="$col/@kind = 'number' and node() and not(normalize-space($col/@after))"><xsl:attribute name="data-b"><xsl:call-template name="small"><xsl:with-param name="s" select="$col/@label"/></xsl:call-template><xsl:text> </xsl:text></xsl:attribute></xsl:when></xsl:choose>
<xsl:if test="normalize-space($col/@after) and node()"><xsl:attribute name="data-a"><xsl:value-of select="concat(' ', normalize-space($col/@after))"/></xsl:attribute></xsl:if>
<xsl:choose><xsl:when test="$col/@kind = 'code' and text() and not(code)"><code><xsl:call-template name="cell"/></code></xsl:when><xsl:otherwise><xsl:call-template name="cell"/></xsl:otherwise></xsl:choose></td></xsl:otherwise></xsl:choose></xsl:for-each>
<xsl:if test="@missing and count(cell) &lt; $cols"><td class="miss" colspan="{$cols - count(cell)}"><xsl:value-of select="@missing"/></td></xsl:if></tr></xsl:template>

<xsl:template name="class"><xsl:param name="col"/><xsl:param name="cell" select="/.."/>
<xsl:variable name="c"><xsl:choose><xsl:when test="$col/@kind = 'number'">nu </xsl:when><xsl:when test="$col/@kind = 'time'">tm </xsl:when><xsl:when test="$col/@kind = 'strip' and $cell">bl </xsl:when></xsl:choose><xsl:if test="$col/@priority">lo </xsl:if><xsl:if test="$cell and not($cell/node())">e </xsl:if><xsl:if test="$cell/tag and not($cell/text()[normalize-space()])">z </xsl:if></xsl:variable>
<xsl:if test="string($c)"><xsl:attribute name="class"><xsl:value-of select="normalize-space($c)"/></xsl:attribute></xsl:if></xsl:template>

<xsl:template name="cell"><xsl:choose>
<xsl:when test="strip"><xsl:apply-templates select="strip"/><span class="s"><xsl:apply-templates select="node()[not(self::strip or self::sub)]"/></span></xsl:when>
<xsl:otherwise><xsl:apply-templates select="node()[not(self::sub)]"/></xsl:otherwise></xsl:choose>
<xsl:if test="sub"><xsl:text> </xsl:text><span class="s"><xsl:apply-templates select="sub/node()"/></span></xsl:if></xsl:template>

<!-- Minutes down of seven days, one scale a table; a tick is zero. -->
<xsl:template match="days"><svg xmlns="http://www.w3.org/2000/svg" class="days" viewBox="0 0 84 20" role="img"><xsl:attribute name="aria-label">Monday to Sunday, <xsl:choose><xsl:when test="translate(@levels, '0', '') = ''">never down</xsl:when><xsl:otherwise>in eighths of the highest day: <xsl:call-template name="levels"><xsl:with-param name="s" select="@levels"/></xsl:call-template></xsl:otherwise></xsl:choose></xsl:attribute><xsl:call-template name="day"><xsl:with-param name="s" select="@levels"/></xsl:call-template></svg></xsl:template>
<xsl:template name="levels"><xsl:param name="s"/><xsl:if test="$s"><xsl:choose><xsl:when test="starts-with($s, 'm')">not known</xsl:when><xsl:otherwise><xsl:value-of select="substring($s, 1, 1)"/></xsl:otherwise></xsl:choose><xsl:if test="string-length($s) &gt; 1">, </xsl:if><xsl:call-template name="levels"><xsl:with-param name="s" select="substring($s, 2)"/></xsl:call-template></xsl:if></xsl:template>
<xsl:template name="day"><xsl:param name="s"/><xsl:param name="x" select="1"/><xsl:if test="$s"><xsl:variable name="c" select="substring($s, 1, 1)"/><xsl:choose>
<xsl:when test="$c = '0'"><path xmlns="http://www.w3.org/2000/svg" class="c-zero" d="M{$x} 18h9"/></xsl:when>
<xsl:when test="$c = 'm'"><rect xmlns="http://www.w3.org/2000/svg" class="run-m" x="{$x}" y="3" width="9" height="16"/><path xmlns="http://www.w3.org/2000/svg" class="run-m" d="M{$x} 8l5-5M{$x} 13l9-9M{$x} 18l9-9"/></xsl:when>
<xsl:otherwise><rect xmlns="http://www.w3.org/2000/svg" class="c-mark" x="{$x}" y="{19 - 2 * number($c)}" width="9" height="{2 * number($c)}"/></xsl:otherwise></xsl:choose>
<xsl:call-template name="day"><xsl:with-param name="s" select="substring($s, 2)"/><xsl:with-param name="x" select="$x + 12"/></xsl:call-template></xsl:if></xsl:template>

<!-- 11 units a box; the last is the newest -->
<xsl:template match="strip"><xsl:variable name="n" select="string-length(@states)"/>
<xsl:variable name="f" select="string-length(translate(@states, 'pm', ''))"/><xsl:variable name="m" select="string-length(translate(@states, 'pf', ''))"/>
<svg xmlns="http://www.w3.org/2000/svg" class="runs" viewBox="0 0 {$n * 11} 14" style="width:{$n * 11}px" role="img" aria-label="{$n} runs, newest last: {$n - $f - $m} passed, {$f} failed, {$m} missed"><xsl:call-template name="box"><xsl:with-param name="s" select="@states"/></xsl:call-template></svg></xsl:template>
<xsl:template name="box"><xsl:param name="s"/><xsl:param name="x" select="0.75"/>
<xsl:if test="$s"><xsl:variable name="c" select="substring($s, 1, 1)"/>
<xsl:choose><xsl:when test="$c = 'f'"><rect xmlns="http://www.w3.org/2000/svg" class="run-f" x="{$x}" y="1" width="8.5" height="12"/></xsl:when>
<xsl:otherwise><rect xmlns="http://www.w3.org/2000/svg" class="run-{$c}" x="{$x}" y="1" width="8.5" height="12"/><xsl:if test="$c = 'm'"><path xmlns="http://www.w3.org/2000/svg" class="run-m" d="M{$x} 5l4-4M{$x} 9l8-8M{$x} 13l8.5-8.5M{$x + 4} 13l4.5-4.5"/></xsl:if></xsl:otherwise></xsl:choose>
<xsl:call-template name="box"><xsl:with-param name="s" select="substring($s, 2)"/><xsl:with-param name="x" select="$x + 11"/></xsl:call-template></xsl:if></xsl:template>

<!-- inline -->
<xsl:template match="link"><xsl:choose><xsl:when test="string(@href)"><a href="{@href}"><xsl:apply-templates/></a></xsl:when><xsl:otherwise><xsl:apply-templates/></xsl:otherwise></xsl:choose></xsl:template>
<xsl:template match="strong"><strong><xsl:apply-templates/></strong></xsl:template>
<xsl:template match="code"><code><xsl:value-of select="."/></code></xsl:template>
<xsl:template match="num"><xsl:value-of select="."/></xsl:template>
<xsl:template match="time"><time datetime="{@at}"><xsl:value-of select="."/></time></xsl:template>
<xsl:template match="tag"><strong class="tag {@tone}"><xsl:value-of select="."/></strong></xsl:template>

<!-- "The week by day" becomes "the week by day", "CI by class" stays -->
<xsl:template name="small"><xsl:param name="s"/><xsl:choose>
<xsl:when test="contains(concat($lower, ' '), substring($s, 2, 1))"><xsl:value-of select="concat(translate(substring($s, 1, 1), $upper, $lower), substring($s, 2))"/></xsl:when>
<xsl:otherwise><xsl:value-of select="$s"/></xsl:otherwise></xsl:choose></xsl:template>
</xsl:stylesheet>
